/** What happens, and what went wrong, from a program. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type EventsOptions,
  events,
  history,
  isProblem,
  kill,
  type Problem,
  remove,
  type SpoolEvent,
  start,
  wait,
} from 'chap-jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enterSpool, good } from '../rig/library.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'

let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

/** What comes, up to the first of such a name. */
const collectUntil = async (last: string, options: EventsOptions): Promise<SpoolEvent[]> => {
  const got: SpoolEvent[] = []
  for await (const event of events(options)) {
    got.push(good(event))
    if (!isProblem(event) && event.event === last) break
  }
  return got
}

const namesOf = (got: readonly SpoolEvent[], job: string): string[] =>
  got.filter((event) => event.job === job).map(({ event }) => event)

test('what happens is told in its order, in a spool that is made later, until a job is removed', async () => {
  const following = events({ signal: AbortSignal.timeout(60_000) })
  const first = following.next()
  const job = good(await start({ program: ['sh', '-c', 'echo hi; exit 3'], name: 'bad' }))
  expect((await first).value).toMatchObject({ event: 'created', job: job.id, name: 'bad', host: null })
  const names: string[] = []
  for await (const event of following) {
    names.push(good(event).event)
    if (names.at(-1) === 'collected') good(await remove(job))
    if (names.at(-1) === 'removed') break
  }
  expect(names.filter((name) => name !== 'output_grew')).toEqual(['started', 'ended', 'collected', 'removed'])
})

test('a job that is removed while nobody reads is removed, and not orphaned', async () => {
  const following = events({ signal: AbortSignal.timeout(60_000) })
  const first = following.next()
  const job = good(await start({ program: ['true'] }))
  expect((await first).value).toMatchObject({ event: 'created' })
  await wait([job])
  expect(await remove(job)).toEqual({ id: job.id })
  const names: string[] = []
  for await (const event of following) {
    names.push(good(event).event)
    if (names.at(-1) === 'removed') break
  }
  expect(names).not.toContain('orphaned')
})

test('since then, and only of some jobs; an end has its status', async () => {
  const since = Date.now() - 1_000
  const [job, other] = [good(await start({ program: ['true'] })), good(await start({ program: ['false'] }))]
  await wait([job, other])
  const got = await collectUntil('collected', { since, jobs: [other.id] })
  expect(namesOf(got, other.id)).toEqual(expect.arrayContaining(['created', 'started', 'ended', 'collected']))
  expect(namesOf(got, job.id)).toEqual([])
  expect(got.find(({ event }) => event === 'ended')).toMatchObject({ exit_status: 1 })
})

test('an AbortSignal ends the loop while nothing happens', async () => {
  const controller = new AbortController()
  const next = events({ signal: controller.signal }).next()
  setTimeout(() => controller.abort(), 50)
  expect(await next).toEqual({ value: undefined, done: true })
  expect(await events({ signal: AbortSignal.abort() }).next()).toEqual({ value: undefined, done: true })
})

test('why there are none is the last value', async () => {
  const open = join(spool.root, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  const got: (SpoolEvent | Problem)[] = []
  for await (const event of events({ spool: open })) got.push(event)
  for await (const event of events({ jobs: ['zzz'] })) got.push(event)
  expect(got).toMatchObject([{ code: 'spool' }, { code: 'no_such_job', name: 'zzz' }])
  expect(await history({ spool: open })).toMatchObject({ code: 'spool' })
})

test('the history has what did not end well, removed jobs and runs among it', async () => {
  const since = Date.now()
  const failed = good(await start({ program: ['sh', '-c', 'exit 5'], name: 'five' }))
  const well = good(await start({ program: ['true'] }))
  const series = good(await start({ program: 'exit $((CHAP_RUN == 1))', every: 60_000, count: 1 }))
  const killed = good(await start({ program: ['sleep', '1000'] }))
  await wait([failed, well, series])
  await kill(killed)
  expect(await remove(failed)).toEqual({ id: failed.id })
  const ends = good(await history({ since }))
  expect(ends.map(({ job, run, how, exit_status: status, kept }) => [job, run, how, status, kept])).toEqual(
    expect.arrayContaining([
      [failed.id, null, 'exited', 5, true],
      [series.id, 1, 'exited', 1, false],
      [series.id, null, 'exited', 1, false],
      [killed.id, null, 'signaled', 143, false],
    ]),
  )
  expect(ends).toHaveLength(4)
  expect(Object.keys(ends[0] ?? {})).not.toContain('nonce')
  expect(await history({ names: ['five'] })).toMatchObject([{ job: failed.id }])
  expect(await history({ since: Date.now() + 60_000 })).toEqual([])
})
