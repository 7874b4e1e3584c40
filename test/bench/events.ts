// What `wait` and `events` take over ten thousand jobs that are over and some that run; and how long a beginning of an id takes to be found.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findJob } from '../../src/watcher/find-jobs.ts'
import { until } from '../rig/until.ts'
import { startJobs } from './jobs.ts'
import { measureLiveEvents } from './live-events.ts'
import { makeJobs } from './many-jobs.ts'
import { atMost, type Result, type Row } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

const RUNNING = 5

const measure = async (bench: Bench): Promise<Result> => {
  const jobs = bench.size(10_000, 1_000)
  await makeJobs(bench, 0, jobs)
  const running = (await startJobs(bench, RUNNING, (n) => ['--id', `r${n}uns`, '--', 'sleep', '3600'])).map(
    ({ id }) => id,
  )
  return {
    rows: [
      findByPrefix(bench, running, jobs),
      await measureWait(bench, running, jobs),
      await measureEvents(bench, jobs, []),
      await measureEvents(bench, jobs, ['--since', '7d']),
      await measureLiveEvents(bench),
    ],
  }
}

const findByPrefix = ({ spool, rounds }: Bench, running: readonly string[], jobs: number): Row => {
  const chap = Array.from({ length: rounds }, () => {
    const start = performance.now()
    const id = running.find((candidate) => !candidate.startsWith('a')) ?? ''
    if (!findJob(spool.dir, id.slice(0, 3), Date.now()).ok) throw new Error('no job by its beginning')
    return performance.now() - start
  })
  return { work: `findJob by the beginning of an id, ${jobs} jobs`, unit: 'ms', chap, rivals: {}, verdict: null }
}

/** From when the last of the running jobs is asked to end. */
const measureWait = async (bench: Bench, running: readonly string[], jobs: number): Promise<Row> => {
  const [program = '', ...args] = [...bench.chap, 'wait', '--all']
  const child = spawn(program, args, {
    env: bench.spool.env,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: bench.signal,
  })
  let isOver = false
  child.once('exit', () => {
    isOver = true
  })
  child.once('error', () => undefined) // aborted: then nothing waits for it any more
  let memory = 0
  // It has seen all of them when it is as large as that.
  await until(() => readStatus(child.pid, 'VmRSS') > 45, { deadline: 20_000, what: 'wait to have begun' })
  const start = performance.now()
  const killing = run(bench, [...bench.chap, 'kill', '--grace', '1s', ...running])
  killing.catch(() => undefined) // told when it is asked for, below
  await until(
    () => {
      memory = Math.max(memory, readStatus(child.pid, 'VmHWM'))
      return isOver
    },
    { deadline: 20_000, what: 'the end of wait' },
  )
  const took = performance.now() - start
  await killing
  return {
    work: `wait --all, ${jobs} jobs, ${RUNNING} of them run: Rss at most`,
    unit: 'MiB',
    chap: [memory],
    rivals: {},
    verdict: null,
    note: `over ${took.toFixed(0)} ms after they were asked to end`,
  }
}

const measureEvents = async (bench: Bench, jobs: number, since: readonly string[]): Promise<Row> => {
  const [program = '', ...args] = [...bench.chap, 'events', '--json', ...since]
  const child = spawn(program, args, { env: bench.spool.env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = 0
  const start = performance.now()
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1').split('\n').length - 1
  })
  const past = since.length === 0 ? 0 : 6 * jobs
  await until(() => said >= past, { deadline: 120_000, what: 'the events of all jobs' })
  const took = performance.now() - start
  // And what happens then, whenever it begins to look.
  await until(async () => (await run(bench, [...bench.chap, 'run', '--', 'true'])) && said >= past + 4, {
    deadline: 60_000,
    what: 'new jobs',
  })
  const [now, peak] = [readStatus(child.pid, 'VmRSS'), readStatus(child.pid, 'VmHWM')]
  child.kill()
  return {
    work: `${['events', ...since].join(' ')}, ${jobs} jobs: Rss at most`,
    unit: 'MiB',
    chap: [peak],
    rivals: {},
    verdict: atMost(peak, 100, 'MiB'),
    note: `${now.toFixed(0)} MiB at the end${since.length === 0 ? '' : `; the past in ${took.toFixed(0)} ms`}`,
  }
}

/** MiB of a living process; 0: it is none any more. */
const readStatus = (pid: number | undefined, name: 'VmRSS' | 'VmHWM'): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

export const events: Work = { name: 'events', isExtra: true, limit: 300, measure }
