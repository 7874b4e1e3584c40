// How long `ls` takes over a spool of many jobs that are over (spool.example's, with ids of their own, three days old) and some that run.
import { existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { until } from '../rig/until.ts'
import { alternate } from './alternate.ts'
import { startJobs } from './jobs.ts'
import { makeJobs } from './many-jobs.ts'
import { type Curve, median, type Point, type Result, type Row, timesOf } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

const RUNNING = 5
/** From so many on a reader leaves a note for the next. */
const NOTED = 1_000
/** Jobs, and how many times as long as `node -e 0` it may take. */
const STEPS = [
  [10, 1.3],
  [1_000, 1.6],
  [10_000, 3],
  [100_000, 15],
] as const
const measure = async (bench: Bench): Promise<Result> => {
  const { spool, chap, say } = bench
  const running = await startJobs(bench, RUNNING, (n) => ['--id', `r${n}uns`, '--', 'sleep', '3600'])
  const wanted = running
    .map(({ id }) => id)
    .toSorted()
    .join()
  const timed = (argv: readonly string[]) => async () => ({ ms: (await run(bench, argv)).ms })
  const rows: Row[] = []
  const points: Point[] = []
  let made = 0
  for (const [jobs, limit] of STEPS.slice(0, bench.size(STEPS.length, 2))) {
    say(`makes ${jobs} jobs`)
    await makeJobs(bench, made, jobs)
    made = jobs
    // What is short is done more often.
    const often = jobs > 10_000 ? bench.rounds : 3 * bench.rounds
    const all = async (): Promise<{ ms: number }> => {
      const { ms, stdout } = await run(bench, [...chap, 'ls', '-a'])
      const lines = stdout.trim().split('\n').length
      if (lines !== jobs + RUNNING) throw new Error(`ls -a showed ${lines} lines of ${jobs + RUNNING}`)
      return { ms }
    }
    const show = async (): Promise<{ ms: number }> => {
      const { ms, stdout } = await run(bench, [...chap, 'ls'])
      const shown = stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0] ?? '')
      if (shown.toSorted().join() !== wanted) throw new Error(`ls showed ${shown.join()} instead of ${wanted}`)
      return { ms }
    }
    // As it is while no job comes or goes: what it is right after one did is a row of its own.
    rmSync(`${spool.dir}/recent.json`, { force: true })
    const isNoted = async (): Promise<boolean> => (await show()).ms > 0 && existsSync(`${spool.dir}/recent.json`)
    if (jobs >= NOTED) await until(isNoted, { deadline: 20_000, every: 200, what: 'a note of the recent jobs' })
    const taken = await alternate({ ...bench, rounds: often, say: () => undefined }, `${jobs} jobs`, {
      'node -e 0': timed([process.execPath, '-e', '0']),
      chap: show,
      ...(jobs > 10_000 ? {} : { 'chap ls -a': all }),
      'ls -f': timed(['ls', '-f', `${spool.dir}/jobs`]),
      'stat of each': timed(['find', `${spool.dir}/jobs`, '-maxdepth', '2', '-name', 'state.json', '-size', '+0']),
    })
    points.push({ x: jobs, samples: taken.all('ms') })
    const changed = await alternate({ ...bench, say: () => undefined }, `${jobs} jobs, changed`, {
      chap: async () => {
        mkdirSync(`${spool.dir}/jobs/.changed`)
        rmdirSync(`${spool.dir}/jobs/.changed`)
        return show()
      },
      'node -e 0': timed([process.execPath, '-e', '0']),
    })
    rows.push({
      work: `ls, ${jobs.toLocaleString('en')} jobs`,
      unit: 'ms',
      chap: taken.of('chap', 'ms'),
      rivals: taken.rivals('ms'),
      verdict: timesOf(taken.of('chap', 'ms'), taken.of('node -e 0', 'ms'), limit, 'node -e 0'),
    })
    const times = median(changed.of('chap', 'ms')) / median(changed.of('node -e 0', 'ms'))
    rows.push({
      work: `  right after a job came or went, ${jobs.toLocaleString('en')} jobs`,
      unit: 'ms',
      chap: changed.of('chap', 'ms'),
      rivals: changed.rivals('ms'),
      verdict: null,
      note: `${times.toPrecision(3)} x node -e 0`,
    })
  }
  say('removes them')
  // rm(1) takes a fifth of node's time for it.
  await run(bench, ['sh', '-c', `cd "$0" && printf '%s\\0' ???? | xargs -0 rm -rf`, `${spool.dir}/jobs`])
  const curve: Curve = { work: 'ls, by jobs in the spool', x: 'jobs', unit: 'ms', points }
  return { rows, curves: [curve] }
}

// On a disk, to make and to remove them would take many times as long as to measure; what is listed is in the kernel's caches either way.
export const ls: Work = { name: 'ls', limit: 420, isInMemory: true, measure }
