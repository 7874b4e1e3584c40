/** chap events over many jobs: what lives and what is over, with pruning under it. The thousand of each are in test/bench/many-jobs.ts. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatEvent } from '../../src/spool/event-file.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import { chap, type RunningChap, startChap } from '../rig/chap.ts'
import { makeLiveJobs, makeOldJobs, writeEvents } from '../rig/live-jobs.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until, untilSeen } from '../rig/until.ts'

let spool: Spool
let watcher: RunningChap

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(async () => {
  watcher.kill('SIGKILL')
  await watcher.result
  await cleanUp(spool)
})

interface Line {
  readonly job: string
  readonly event: string
  readonly time: string
  readonly number?: number
}

const said = (): Line[] =>
  watcher
    .said()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

/** How many lines it has said, which is asked often. */
const count = (): number => watcher.said().split('\n').length - 1

/** The numbers that were told of each job, in their order. */
const numbersOf = (lines: readonly Line[]): Map<string, number[]> => {
  const numbers = new Map<string, number[]>()
  for (const { job, number } of lines) if (number !== undefined) numbers.set(job, [...(numbers.get(job) ?? []), number])
  return numbers
}

test('200 living jobs, half of whose events are past, and real ones; nothing is missed or told twice, with pruning under it', async () => {
  const rounds = 20
  const live = makeLiveJobs(spool.dir, 200)
  const old = makeOldJobs(spool.dir, 100, 3_600_000, 1_000)
  try {
    await writeEvents(spool.dir, live.ids, 1, rounds)
    // While the past is told, and the tails begin, more comes: from four processes.
    const quarters = [0, 1, 2, 3].map((part) => live.ids.filter((_, index) => index % 4 === part))
    const writing = quarters.map((ids) => writeEvents(spool.dir, ids, rounds + 1, 2 * rounds))
    watcher = startChap(['events', '--json', '--since', '10m'], { spool })
    const real = await Promise.all(
      Array.from({ length: 4 }, async (_, code) =>
        (await chap(['start', '-c', `exit ${code}`], { spool })).stdout.trim(),
      ),
    )
    await Promise.all([...writing, chap(['prune', '--older-than', '1m'], { spool })])
    const has = (id: string, event: string): boolean => said().some((line) => line.job === id && line.event === event)
    await until(() => real.every((id) => has(id, 'collected')) && old.every((id) => has(id, 'removed')), {
      deadline: 30_000,
      every: 100,
      what: 'the ends of the real jobs, and the old ones to be removed',
    })
    const all = Array.from({ length: 2 * rounds }, (_, index) => index + 1)
    await untilSeen(
      () => said().filter(({ number }) => number !== undefined).length,
      (n) => n >= 200 * all.length,
      {
        deadline: 30_000,
        every: 100,
        what: 'all events',
      },
    )
    const lines = said()
    const numbers = numbersOf(lines)
    for (const id of live.ids) expect(numbers.get(id)).toEqual(all)
    for (const id of real)
      expect(lines.flatMap(({ job, event }) => (job === id ? [event] : []))).toEqual([
        'created',
        'started',
        'ended',
        'collected',
      ])
    for (const id of old) expect(lines.flatMap(({ job, event }) => (job === id ? [event] : []))).toEqual(['removed'])
    expect(lines.filter(({ event }) => event === 'orphaned')).toEqual([])
    // A file of each living job, and the directory of all: none for those that are over.
    expect(watchesOf(watcher.pid)).toBeLessThan(1.1 * 200)
  } finally {
    live.close()
  }
}, 60_000)

test('the past of 300 jobs with 150 events each takes no memory to speak of, and is told by time', async () => {
  const [jobs, each] = [300, 150]
  const start = Date.now() - 3_600_000
  for (const [index, id] of makeOldJobs(spool.dir, jobs, 0).entries()) {
    const line = (turn: number): string =>
      formatEvent({ event: 'link_restored' }, new Date(start + turn * 10_000 + index).toISOString())
    const lines = Array.from({ length: each - 2 }, (_, turn) => line(turn)).join('')
    const ended = formatEvent({ event: 'collected' }, new Date().toISOString())
    writeFileSync(jobPaths(spool.dir, id).events, `${lines}${ended}`)
  }
  watcher = startChap(['events', '--json', '--since', '1d'], { spool })
  await untilSeen(count, (n) => n >= jobs * (each - 1), { deadline: 40_000, every: 50, what: 'the events of all jobs' })
  expect(peakOf(watcher.pid)).toBeLessThan(100)
  const lines = said()
  expect(lines).toHaveLength(jobs * (each - 1))
  expect(lines.map(({ time }) => time)).toEqual(lines.map(({ time }) => time).toSorted())
}, 60_000)

/** MiB that a process had at the most. */
const peakOf = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024

/** inotify watches that a process holds. */
const watchesOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/fdinfo`)
    .map(
      (fd) =>
        readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1')
          .split('\n')
          .filter((line) => line.startsWith('inotify')).length,
    )
    .reduce((sum, one) => sum + one, 0)
