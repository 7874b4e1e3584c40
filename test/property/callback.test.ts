// Whatever a receiver answers, and whenever the chaperone dies, the receiver ends with the streams, each byte once.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Delivery, type Move, newDelivery, nextMove, type Sending, takeReply } from '../../src/domain/callback.ts'
import type { CallbackReply, StreamName } from '../../src/domain/callback-reply.ts'

const policy = { retryFrequency: 10, timeout: 1e9, outputBuffer: 4, outputLatency: 1 }

const FAILURES: Readonly<Record<'unheard' | 'refused' | 'timeout' | 'busy' | 'lying', CallbackReply>> = {
  unheard: { kind: 'failed', fault: { code: 'lost', evidence: '' } },
  refused: { kind: 'failed', fault: { code: 'unreachable', evidence: '' } },
  timeout: { kind: 'failed', fault: { code: 'timeout', evidence: '' } },
  busy: { kind: 'answered', status: 503, has: {}, retryAfter: 7, evidence: '' },
  lying: { kind: 'answered', status: 409, has: { stdout: 10_000 }, retryAfter: null, evidence: '' },
}

/** The receiver's rule: append what lies beyond, ask for what is missing. */
class Receiver {
  readonly has: Record<StreamName, string> = { stdout: '', stderr: '' }
  completed = 0
  take(move: Sending, streams: Readonly<Record<StreamName, string>>): CallbackReply {
    const answer = (status: number, has = {}): CallbackReply => ({
      kind: 'answered',
      status,
      has,
      retryAfter: null,
      evidence: '',
    })
    if (move.kind === 'complete') {
      const sizes = { stdout: this.has.stdout.length, stderr: this.has.stderr.length }
      if (sizes.stdout !== move.sizes.stdout || sizes.stderr !== move.sizes.stderr) return answer(409, sizes)
      this.completed += 1
      return answer(200)
    }
    const { stream, offset, length } = move
    const had = this.has[stream].length
    if (offset > had) return answer(409, { [stream]: had })
    this.has[stream] += streams[stream].slice(offset, offset + length).slice(had - offset)
    return answer(200)
  }
}

const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('grow' as const),
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      by: fc.integer({ min: 1, max: 30 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('good' as const) }) },
  // The receiver took it, and nobody heard of it.
  fc.record({ what: fc.constant('unheard' as const) }),
  fc.record({ what: fc.constantFrom('refused' as const, 'timeout' as const, 'busy' as const, 'lying' as const) }),
  // The chaperone dies: what was acknowledged since the last save is forgotten.
  fc.record({ what: fc.constant('death' as const) }),
  fc.record({ what: fc.constant('save' as const) }),
  // The receiver is set back to an earlier state.
  fc.record({
    what: fc.constant('loss' as const),
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    to: fc.nat(20),
  }),
)

test('a receiver ends with the streams, each byte once', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 120 }), (happenings) => {
      const streams: Record<StreamName, string> = { stdout: '', stderr: '' }
      const receiver = new Receiver()
      let delivery: Delivery = newDelivery
      let saved = newDelivery
      let isEnded = false
      const move = (): Move =>
        nextMove(
          delivery,
          {
            sizes: { stdout: streams.stdout.length, stderr: streams.stderr.length },
            waited: { stdout: 2, stderr: 2 },
            isEnded,
          },
          policy,
        )
      const hear = (sent: Sending, reply: CallbackReply): void => {
        const taken = takeReply(delivery, sent, reply, { elapsed: 1, random: 0.5 }, policy)
        delivery = taken.delivery
        expect(taken.pause).toBeGreaterThanOrEqual(0)
      }
      const tryOnce = (how: 'good' | 'unheard' | 'refused' | 'timeout' | 'busy' | 'lying'): boolean => {
        const next = move()
        if (next.kind !== 'send' && next.kind !== 'complete') return false
        // The receiver took it, whether or not anybody heard of it.
        const reply = how === 'good' || how === 'unheard' ? receiver.take(next, streams) : undefined
        hear(next, how === 'good' && reply !== undefined ? reply : FAILURES[how === 'good' ? 'unheard' : how])
        return true
      }
      for (const one of happenings) {
        if (one.what === 'grow')
          streams[one.stream] += Array.from({ length: one.by }, (_, index) =>
            String.fromCharCode(33 + ((streams[one.stream].length + index) % 90)),
          ).join('')
        else if (one.what === 'death') delivery = saved
        else if (one.what === 'save') saved = delivery
        else if (one.what === 'loss') receiver.has[one.stream] = receiver.has[one.stream].slice(0, one.to)
        else tryOnce(one.what)
        for (const stream of ['stdout', 'stderr'] as const)
          expect(streams[stream].startsWith(receiver.has[stream])).toBe(true)
      }
      isEnded = true
      for (let tries = 0; tries < 200 && tryOnce('good'); tries += 1);
      expect(move()).toEqual({ kind: 'over' })
      expect(receiver.has).toEqual(streams)
      expect(receiver.completed).toBe(1)
    }),
    { numRuns: 2000 },
  )
})
