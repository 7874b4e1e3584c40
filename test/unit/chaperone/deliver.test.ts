// A callback's delivery at its edges: another job under its id, a system that refuses for a while, a request for more when it is over, silence.
import { appendFileSync, existsSync, mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startDelivery } from '../../../src/chaperone/callback/deliver.ts'
import type { CallbackWork } from '../../../src/chaperone/callback/work.ts'
import { takeUp } from '../../../src/chaperone/own.ts'
import { startTelling } from '../../../src/chaperone/telling.ts'
import { newDelivery } from '../../../src/domain/callback.ts'
import type { Callback } from '../../../src/domain/spec.ts'
import { askAgain, isAskedAgain, readDelivery, writeDelivery } from '../../../src/spool/callback.ts'
import type { DeliveryRecord } from '../../../src/spool/callback-schema.ts'
import { claimOwnership, isOwner } from '../../../src/spool/chaperones.ts'
import { parseEvents, readEventText } from '../../../src/spool/event-file.ts'
import { ownIdentity } from '../../../src/spool/identity.ts'
import type { JobPaths } from '../../../src/spool/layout.ts'
import { localDraft, makeJob, type TestJob } from '../../rig/job.ts'
import { type Receiver, startReceiver, TOKEN } from '../../rig/receiver.ts'
import { makeEndedJob } from '../../rig/records.ts'
import { cleanUp, makeSpool, type Spool } from '../../rig/spool.ts'
import { until, untilSeen } from '../../rig/until.ts'

let spool: Spool
let receiver: Receiver
const works: CallbackWork[] = []
beforeEach(async () => {
  spool = await makeSpool()
  receiver = await startReceiver(join(spool.root, 'received'))
})
afterEach(async () => {
  for (const work of works.splice(0)) work.leave()
  await receiver.down()
  await cleanUp(spool)
})

const callback = (): Callback => ({
  ...{ url: receiver.url, method: 'POST', ca: null, retryFrequency: 0.05, timeout: 60 },
  ...{ outputBuffer: 1, outputLatency: 0.05 },
})
const make = (): TestJob => makeJob(spool, localDraft(['true'], { callback: callback(), callbackToken: TOKEN }))

/** This process is the chaperone. */
const begin = async ({ spec, paths }: TestJob): Promise<{ work: CallbackWork; notes: string[] }> => {
  const owned = await takeUp(paths)
  if (owned === undefined) throw new Error('it has an owner')
  const notes: string[] = []
  const note = (text: string): void => void notes.push(text)
  const telling = startTelling(paths.events, 1, () => new Date().toISOString())
  const work = startDelivery({ spec, paths, isOurs: owned.isOurs, note, telling, callback: callback() })
  works.push(work)
  return { work, notes }
}
const recordOf = (paths: JobPaths): DeliveryRecord | undefined => {
  const read = readDelivery(paths)
  return read.ok ? read.value : undefined
}
const eventsOf = ({ events }: JobPaths) => parseEvents(readEventText(events))
const bytesSent = (): string[] =>
  receiver.seen.map(({ url, headers }) => `${url.split('/').at(-1)} ${headers['chap-offset']}`)

test('a number is of one owner: not of whoever has it in another job that took the place', async () => {
  const { paths } = make()
  const identity = ownIdentity()
  expect(claimOwnership(paths, 0, identity, new Date().toISOString())).toBe(1)
  expect(isOwner(paths, { number: 1, identity })).toBe(true)
  for (const other of [{ pid: 1 }, { startTime: '1' }, { bootId: 'b' }, { host: 'h' }])
    expect(isOwner(paths, { number: 1, identity: { ...identity, ...other } })).toBe(false)
  expect(claimOwnership(paths, 1, identity, new Date().toISOString())).toBe(2)
  expect(isOwner(paths, { number: 1, identity })).toBe(false)
  // It proves nothing of another.
  writeFileSync(join(paths.chaperones, '2'), '{')
  expect(isOwner(paths, { number: 2, identity })).toBe(true)
})

test('another job under the same id gets nothing of the old one, nor loses its token to it', async () => {
  const job = make()
  const held: (() => void)[] = []
  receiver.fault = (request, response) => {
    request.resume()
    held.push(() => response.writeHead(204).end())
    return true
  }
  const { work } = await begin(job)
  work.end(makeEndedJob(0))
  await until(() => held.length === 1, { deadline: 10_000, what: 'the request about the end' })
  const next = make()
  renameSync(job.paths.dir, join(spool.root, 'gone'))
  renameSync(next.paths.dir, job.paths.dir)
  expect(claimOwnership(job.paths, 0, { ...ownIdentity(), pid: 1 }, new Date().toISOString())).toBe(1)
  appendFileSync(job.paths.stdout, 'half')
  held[0]?.()
  await work.over()
  work.wake()
  await work.over()
  expect(bytesSent()).toHaveLength(1)
  expect(existsSync(job.paths.callbackToken)).toBe(true)
  expect(existsSync(job.paths.callback)).toBe(false)
}, 20_000)

test('what the system refuses for a while is waited for', async () => {
  const job = make()
  const { callbackToken } = job.paths
  renameSync(callbackToken, `${callbackToken}.away`)
  mkdirSync(callbackToken)
  const { work, notes } = await begin(job)
  let isOver = false
  void work.over().then(() => {
    isOver = true
  })
  work.end(makeEndedJob(0))
  await until(() => notes.length > 0, { deadline: 10_000, what: 'a note' })
  expect(notes).toEqual([expect.stringContaining('EISDIR')])
  expect(isOver).toBe(false)
  rmdirSync(callbackToken)
  renameSync(`${callbackToken}.away`, callbackToken)
  work.wake()
  await work.over()
  expect(recordOf(job.paths)).toMatchObject({ result: 'delivered' })
  expect(existsSync(callbackToken)).toBe(false)
}, 20_000)

test('asked for more when it was over, it begins anew', async () => {
  receiver.fault = (request, response) => {
    request.resume()
    response.writeHead(401).end()
    return true
  }
  const job = make()
  const { work } = await begin(job)
  work.end(makeEndedJob(0))
  await work.over()
  expect(recordOf(job.paths)).toMatchObject({ result: 'undelivered' })
  receiver.fault = undefined
  askAgain(job.paths)
  work.wake()
  await work.over()
  expect(recordOf(job.paths)).toMatchObject({ result: 'delivered' })
  expect(isAskedAgain(job.paths)).toBe(false)
  expect(eventsOf(job.paths)).toMatchObject([
    { event: 'created' },
    { event: 'undelivered', fault: { code: 'refused', evidence: expect.stringContaining('401') } },
    { event: 'delivered' },
  ])
}, 20_000)

test('what a dead one could not tell is told by the next, once', async () => {
  const job = make()
  writeDelivery(job.paths, { ...newDelivery, givenUp: true }, null, new Date().toISOString())
  const { work } = await begin(job)
  work.end(makeEndedJob(0))
  await work.over()
  work.wake()
  await work.over()
  expect(eventsOf(job.paths)).toMatchObject([{ event: 'created' }, { event: 'undelivered', fault: null }])
}, 20_000)

test('asked for when the last of it was on its way, that is taken too', async () => {
  const job = make()
  writeDelivery(job.paths, { ...newDelivery, completed: true }, null, new Date().toISOString())
  askAgain(job.paths)
  const { work } = await begin(job)
  await work.over()
  expect(isAskedAgain(job.paths)).toBe(false)
  expect(receiver.seen).toEqual([])
})

test('what was acknowledged last before a silence is written down', async () => {
  const job = make()
  await begin(job)
  appendFileSync(job.paths.stdout, 'one')
  await until(() => recordOf(job.paths)?.stdout === 3, { deadline: 10_000, what: 'the first piece' })
  appendFileSync(job.paths.stdout, 'two')
  await untilSeen(
    () => recordOf(job.paths),
    (record) => record?.stdout === 6,
    { deadline: 5_000, what: 'the second piece in the record' },
  )
  expect(bytesSent()).toEqual(['stdout 0', 'stdout 3'])
}, 20_000)
