/** What is sent next, and what an answer means. */
import { expect, test } from 'vitest'
import {
  type Delivery,
  newDelivery,
  nextMove,
  type Sending,
  takeReply,
  tryAgain,
} from '../../../src/domain/callback.ts'
import type { CallbackReply } from '../../../src/domain/callback-reply.ts'

const policy = { retryFrequency: 10, timeout: 100, outputBuffer: 10, outputLatency: 2 }
const stock = (stdout: number, stderr: number, waited = 0, isEnded = false) => ({
  sizes: { stdout, stderr },
  waited: { stdout: waited, stderr: waited },
  isEnded,
})
const has = (stdout: number, stderr = 0): Delivery => ({ ...newDelivery, acknowledged: { stdout, stderr } })

test.each([
  ['nothing there', newDelivery, stock(0, 0), { kind: 'wait', seconds: null }],
  ['too little, too soon', newDelivery, stock(9, 0, 0.5), { kind: 'wait', seconds: 1.5 }],
  [
    'too little, long enough',
    newDelivery,
    stock(9, 0, 2),
    { kind: 'send', stream: 'stdout', offset: 0, length: 9, total: 9, isFinal: false },
  ],
  [
    'enough at once',
    has(5),
    stock(15, 0),
    { kind: 'send', stream: 'stdout', offset: 5, length: 10, total: 15, isFinal: false },
  ],
  [
    'what is left at the end',
    has(5),
    stock(6, 0, 0, true),
    { kind: 'send', stream: 'stdout', offset: 5, length: 1, total: 6, isFinal: true },
  ],
  [
    'the other stream in its turn',
    { ...has(0), last: 'stdout' as const },
    stock(20, 20),
    { kind: 'send', stream: 'stderr', offset: 0, length: 20, total: 20, isFinal: false },
  ],
  [
    'no more than the limit',
    { ...newDelivery, limit: 7 },
    stock(20, 0),
    { kind: 'send', stream: 'stdout', offset: 0, length: 7, total: 20, isFinal: false },
  ],
  ['the end behind all output', has(6, 2), stock(6, 2, 0, true), { kind: 'complete', sizes: { stdout: 6, stderr: 2 } }],
  ['a spool that a power cut made shorter waits', has(6), stock(3, 0), { kind: 'wait', seconds: null }],
  ['given up while it runs', { ...newDelivery, givenUp: true }, stock(20, 0), { kind: 'wait', seconds: null }],
  ['given up at its end', { ...newDelivery, givenUp: true }, stock(20, 0, 0, true), { kind: 'over' }],
  ['completed', { ...has(6), completed: true }, stock(6, 0, 0, true), { kind: 'over' }],
])('%s', (_, delivery, seen, move) => {
  expect(nextMove(delivery, seen, policy)).toEqual(move)
})

const piece: Sending = { kind: 'send', stream: 'stdout', offset: 5, length: 10, total: 25, isFinal: false }
const complete: Sending = { kind: 'complete', sizes: { stdout: 15, stderr: 0 } }
const answered = (status: number, said: Partial<CallbackReply> = {}): CallbackReply => ({
  ...{ kind: 'answered', status, has: {}, retryAfter: null, evidence: `HTTP ${status}` },
  ...(said as object),
})
const failed = (code: 'timeout' | 'tls' | 'redirect' | 'unreachable'): CallbackReply => ({
  kind: 'failed',
  fault: { code, evidence: code },
})
const take = (reply: CallbackReply, before: Delivery = has(5), move: Sending = piece, elapsed = 1) =>
  takeReply(before, move, reply, { elapsed, random: 0.5 }, policy)

test('a 2xx acknowledges, and ends what was failing', () => {
  const failing = { ...has(5), failures: 3, failing: 70, fault: { code: 'lost', evidence: '' } as const, limit: 4096 }
  expect(take(answered(204), failing)).toEqual({
    delivery: { ...has(15), last: 'stdout', limit: 8192 },
    pause: 0,
  })
  expect(take(answered(200), has(15), complete).delivery.completed).toBe(true)
})

test.each([500, 503, 408, 425, 429])('%i is tried again', (status) => {
  const { delivery, pause } = take(answered(status))
  expect(delivery).toMatchObject({
    failures: 1,
    failing: 1,
    givenUp: false,
    fault: { code: 'unavailable' },
    acknowledged: { stdout: 5 },
  })
  expect(pause).toBe(10)
})

test.each([400, 401, 404, 409, 410, 301, 302, 304])('%i is final', (status) => {
  expect(take(answered(status))).toMatchObject({ delivery: { givenUp: true, fault: { code: 'refused' } }, pause: 0 })
})

test('what is no answer is tried again, but a redirect that leads nowhere; what takes too long gets less', () => {
  expect(take(failed('tls'))).toMatchObject({ delivery: { givenUp: false, fault: { code: 'tls' } }, pause: 10 })
  expect(take(failed('redirect'))).toMatchObject({ delivery: { givenUp: true } })
  expect(take(failed('timeout')).delivery.limit).toBe(newDelivery.limit / 2)
})

test('the pause is a quarter more or less, a Retry-After up to an hour, and no longer than the time that is left', () => {
  const pauseAt = (random: number) => takeReply(has(5), piece, answered(503), { elapsed: 0, random }, policy).pause
  expect([pauseAt(0), pauseAt(1)]).toEqual([7.5, 12.5])
  expect(take(answered(503, { retryAfter: 30 })).pause).toBe(30)
  expect(take(answered(503, { retryAfter: 3 })).pause).toBe(10)
  expect(take(answered(503, { retryAfter: 1e6 })).pause).toBe(99)
  expect(
    takeReply(has(5), piece, answered(503, { retryAfter: 1e6 }), { elapsed: 0, random: 0 }, { ...policy, timeout: 1e9 })
      .pause,
  ).toBe(3600)
})

test('it is given up when tries in a row took the time, over the deaths of chaperones', () => {
  expect(take(failed('unreachable'), { ...has(5), failures: 9, failing: 90 }, piece, 9).delivery.givenUp).toBe(false)
  const { delivery } = take(failed('unreachable'), { ...has(5), failures: 9, failing: 90 }, piece, 10)
  expect(delivery).toMatchObject({ givenUp: true, failures: 10, failing: 100, fault: { code: 'unreachable' } })
  // What it met stays until the next try, so that who asked can tell when there was one.
  const asked = tryAgain(delivery)
  expect(asked).toEqual({ ...has(5), last: 'stdout', fault: delivery.fault })
  expect(take(answered(204), asked).delivery).toMatchObject({ failures: 0, fault: null })
})

test('a 409 says where to go on: at once where it has more, later where it lost some or nothing comes of it', () => {
  expect(take(answered(409, { has: { stdout: 9 } }))).toMatchObject({
    delivery: { acknowledged: { stdout: 9 } },
    pause: 0,
  })
  expect(take(answered(409, { has: { stdout: 2 } }))).toMatchObject({
    delivery: { acknowledged: { stdout: 2 } },
    pause: 10,
  })
  expect(take(answered(409, { has: { stdout: 9 } }), { ...has(5), failures: 1 })).toMatchObject({
    delivery: { acknowledged: { stdout: 9 } },
    pause: 10,
  })
  // More than there is.
  expect(take(answered(409, { has: { stdout: 26 } }))).toMatchObject({
    delivery: { acknowledged: { stdout: 5 }, fault: { code: 'disagrees' } },
    pause: 10,
  })
  expect(take(answered(409, { has: { stdout: 3, stderr: 0 } }), has(15), complete)).toMatchObject({
    delivery: { acknowledged: { stdout: 3 }, completed: false },
  })
})
