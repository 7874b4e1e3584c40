/** A series from a program: each run once, with what it wrote, how it ended, and what was missed. */
import { readFileSync } from 'node:fs'
import { attach, isProblem, kill, listRuns, type RunEnd, start, wait } from 'chap-jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatherRuns } from '../../src/library/runs.ts'
import { parseRuns } from '../../src/spool/runs.ts'
import { enterSpool, good } from '../rig/library.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

const textOf = async (id: string, run: number): Promise<string[]> => {
  const texts: string[] = []
  for await (const { text } of good(await attach(id, { run })).lines()) texts.push(text)
  return texts
}

test('each run comes when it has ended, with its status, its times and what it wrote', async () => {
  const before = Date.now() - 1_000
  const program = 'echo "run $CHAP_RUN"; echo "err $CHAP_RUN" >&2; exit $((CHAP_RUN == 2 ? 7 : 0))'
  const job = good(await start({ program, every: 300, count: 3 }))
  const runs: RunEnd[] = []
  const texts: string[][] = []
  for await (const run of good(await attach(job)).runs()) {
    runs.push(run)
    texts.push(run.kind === 'ended' ? (await textOf(job.id, run.run)).toSorted() : [])
  }
  expect(runs.map((run) => run.kind === 'ended' && [run.run, run.exitStatus, run.endedBy])).toEqual([
    [1, 0, 'exit'],
    [2, 7, 'exit'],
    [3, 0, 'exit'],
  ])
  expect(texts).toEqual([1, 2, 3].map((run) => [`err ${run}`, `run ${run}`]))
  expect(runs[1]).toMatchObject({ outcome: { kind: 'exited', code: 7 }, from: { stdout: 6 }, to: { stdout: 12 } })
  const starts = runs.flatMap((run) => (run.kind === 'ended' ? [run] : []))
  for (const [index, { due, start: began, end }] of starts.entries()) {
    expect(due).toBeGreaterThan(before)
    expect(due - (starts[0]?.due ?? 0)).toBeCloseTo(300 * index, -2)
    // Of two clocks, one of them in hundredths of a second.
    expect(began).toBeGreaterThan(due - 20)
    expect(end).toBeGreaterThanOrEqual(began)
  }
  expect(await listRuns(job)).toEqual(runs)
  // As long as it has ended, too; whatever is said of where to begin.
  const again: RunEnd[] = []
  for await (const run of good(await attach(job, { from: 'now', follow: false })).runs()) again.push(run)
  expect(again).toEqual(runs)
  expect(await attach(job, { run: 4 })).toEqual({ code: 'no_such_run', id: job.id, run: 4 })
})

test('what overran is missed, what goes on is listed, and a kill ends it all', async () => {
  const program = 'if [ $CHAP_RUN = 1 ]; then sleep 0.7; else echo two; exec sleep 1000; fi'
  const job = good(await start({ program, every: 500 }))
  const runs = good(await attach(job)).runs()
  expect((await runs.next()).value).toMatchObject({ kind: 'ended', run: 1 })
  expect((await runs.next()).value).toEqual({ kind: 'missed', first: 2, last: 2, why: 'overrun' })
  const third = async () => good(await listRuns(job)).some((run) => run.kind === 'going' && run.run === 3)
  await until(third, { deadline: 10_000, what: 'the third run' })
  expect(await kill(job, { grace: 0 })).toMatchObject({ kind: 'ended', endedBy: 'kill' })
  expect((await runs.next()).value).toMatchObject({ kind: 'ended', run: 3, endedBy: 'kill' })
  expect(await runs.next()).toEqual({ value: undefined, done: true })
})

test('a run that goes on has what it wrote so far; an AbortSignal ends the loop, and not the series', async () => {
  const job = good(await start({ program: 'echo going; exec sleep 1000', every: 60_000 }))
  await until(() => readFileSync(job.paths.stdout, 'utf8') === 'going\n', { deadline: 20_000 })
  expect(await listRuns(job)).toMatchObject([{ kind: 'going', run: 1, from: { stdout: 0, stderr: 0 } }])
  expect(await textOf(job.id, 1)).toEqual(['going'])
  const controller = new AbortController()
  const attached = good(await attach(job, { signal: controller.signal }))
  const next = attached.runs().next()
  controller.abort()
  expect(await next).toEqual({ value: undefined, done: true })
  expect(await attached.outcome).toEqual({ code: 'detached', id: job.id })
  // Its end is told, and none of the next.
  expect(await kill(job, { grace: 0 })).toMatchObject({ kind: 'ended' })
  expect(await listRuns(job)).toMatchObject([{ kind: 'ended', run: 1, endedBy: 'kill', exitStatus: 137 }])
})

test('a timer ends one run, and says so', async () => {
  const job = good(await start({ program: ['sleep', '1000'], every: 1_500, count: 1, timeout: 1_000, grace: 0 }))
  // Of the series that is one bad run; nothing ended the series itself.
  expect(await wait([job])).toMatchObject([{ exitStatus: 137, endedBy: 'exit' }])
  expect(await listRuns(job)).toMatchObject([{ kind: 'ended', endedBy: 'timeout', exitStatus: 124 }])
})

test('a job that is no series has no runs', async () => {
  const job = good(await start({ program: ['true'] }))
  expect(await listRuns(job)).toEqual([])
  const runs: RunEnd[] = []
  for await (const run of good(await attach(job)).runs()) runs.push(run)
  expect(runs).toEqual([])
  expect(isProblem(await listRuns('zzz'))).toBe(true)
})

test('what is lost comes once, and numbers that are known are not missed', () => {
  const { take, going } = gatherRuns()
  const notes = parseRuns(
    [
      'begun 1 10.0 10.5 0 0',
      'lost 1 supervisor_died',
      'lost 1 supervisor_died',
      'begun 2 20.0 20.1 3 0',
      'missed 2 4 rebooted',
      'missed 3 4 rebooted',
      'begun 5 50.0 50.0 3 0',
      'ended 5 51.0 143 kill 1 5 0',
      'begun 6 60.0 60.0 5 0\n',
    ].join('\n'),
  )
  expect(notes.flatMap(take)).toEqual([
    { kind: 'lost', run: 1, due: 10_000, start: 10_500, from: { stdout: 0, stderr: 0 }, why: 'supervisor_died' },
    { kind: 'lost', run: 2, due: 20_000, start: 20_100, from: { stdout: 3, stderr: 0 }, why: 'rebooted' },
    { kind: 'missed', first: 3, last: 4, why: 'rebooted' },
    expect.objectContaining({ kind: 'ended', run: 5, outcome: { kind: 'signaled', signal: 'SIGTERM' }, late: true }),
  ])
  expect(going()).toMatchObject({ run: 6 })
})
