// chap events over a thousand living jobs, twenty of them real, while old ones are pruned: nothing missed, nothing twice.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { makeLiveJobs, makeOldJobs, writeEvents } from '../rig/live-jobs.ts'
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'
import { cpuSeconds, startJobs } from './jobs.ts'
import { atMost, type Row } from './row.ts'
import { run } from './run.ts'
import type { Bench } from './work.ts'

const [LIVE, REAL, OLD, ROUNDS, WRITERS] = [1_000, 20, 500, 10, 4]

interface Line {
  readonly job: string
  readonly event: string
  readonly number?: number
}

/** @throws when an event is missed or told twice */
export const measureLiveEvents = async (outer: Bench): Promise<Row> => {
  const spool = await makeSpool()
  const bench = { ...outer, spool }
  const live = makeLiveJobs(spool.dir, LIVE)
  const old = makeOldJobs(spool.dir, OLD, 3_600_000, LIVE)
  const [program = '', ...args] = [...bench.chap, 'events', '--json', '--since', '10m']
  try {
    await writeEvents(spool.dir, live.ids, 1, ROUNDS)
    const child = spawn(program, args, { env: spool.env, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    let said = 0
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      said += bytes.toString('latin1').split('\n').length - 1
    })
    const parts = Array.from({ length: WRITERS }, (_, part) =>
      live.ids.filter((_id, index) => index % WRITERS === part),
    )
    const writing = parts.map((ids) => writeEvents(spool.dir, ids, ROUNDS + 1, 2 * ROUNDS))
    const real = (await startJobs(bench, REAL, () => ['--', 'true'])).map(({ id }) => id)
    await run(bench, [...bench.chap, 'prune', '--older-than', '1m'])
    await Promise.all(writing)
    // Of the living: created, and the numbered ones. Of the real: created, started, ended, collected. Of the old: removed.
    const wanted = LIVE * (2 * ROUNDS) + LIVE + REAL * 4 + OLD
    await until(() => said >= wanted, { deadline: 60_000, every: 100, what: `${wanted} events` })
    const status = readFileSync(`/proc/${child.pid}/status`, 'latin1')
    const before = cpuSeconds(child.pid ?? 0)
    await new Promise((resolve) => setTimeout(resolve, 5_000)) // what it costs when nothing happens, and what comes too much
    const idle = (cpuSeconds(child.pid ?? 0) - before) / 5
    const watches = countWatches(child.pid ?? 0)
    child.kill()
    check(text, live.ids, real, old)
    const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
    return {
      work: `events, ${LIVE} living jobs, ${REAL} real, ${OLD} pruned: Rss at most`,
      unit: 'MiB',
      chap: [peak],
      rivals: {},
      verdict: atMost(peak, 100, 'MiB'),
      note: `each event told once; ${watches} watches, idle ${(100 * idle).toFixed(1)}% of a core`,
    }
  } finally {
    live.close()
    await cleanUp(spool)
  }
}

const check = (text: string, live: readonly string[], real: readonly string[], old: readonly string[]): void => {
  const byJob = new Map<string, (string | number)[]>()
  for (const { job, event, number } of text
    .split('\n')
    .slice(0, -1)
    .map((line): Line => JSON.parse(line)))
    byJob.set(job, [...(byJob.get(job) ?? []), number ?? event])
  const expect = (id: string, wanted: readonly (string | number)[]): void => {
    const got = byJob.get(id) ?? []
    if (got.join() !== wanted.join()) throw new Error(`${id} told ${got.join()} instead of ${wanted.join()}`)
  }
  const numbers = Array.from({ length: 2 * ROUNDS }, (_, index) => index + 1)
  for (const id of live) expect(id, ['created', ...numbers])
  for (const id of real) expect(id, ['created', 'started', 'ended', 'collected'])
  for (const id of old) expect(id, ['removed'])
}

const countWatches = (pid: number): number =>
  readdirSync(`/proc/${pid}/fdinfo`)
    .flatMap((fd) => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1').split('\n'))
    .filter((line) => line.startsWith('inotify')).length
