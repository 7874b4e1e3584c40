// How long `ls` takes over a spool of many jobs that are over (spool.example's, with ids of their own, three days old) and some that run.
import { alternate } from './alternate.ts'
import { startJobs } from './jobs.ts'
import { makeJobs } from './many-jobs.ts'
import { type Curve, type Point, type Result, type Row, timesOf } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

const RUNNING = 5
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
    const taken = await alternate({ ...bench, rounds: often, say: () => undefined }, `${jobs} jobs`, {
      'node -e 0': timed([process.execPath, '-e', '0']),
      chap: async () => {
        const { ms, stdout } = await run(bench, [...chap, 'ls'])
        const shown = stdout
          .trim()
          .split('\n')
          .map((line) => line.split('\t')[0] ?? '')
        if (shown.toSorted().join() !== wanted) throw new Error(`ls showed ${shown.join()} instead of ${wanted}`)
        return { ms }
      },
      ...(jobs > 10_000 ? {} : { 'chap ls -a': all }),
      'ls -f': timed(['ls', '-f', `${spool.dir}/jobs`]),
      'stat of each': timed(['find', `${spool.dir}/jobs`, '-maxdepth', '2', '-name', 'state.json', '-size', '+0']),
    })
    points.push({ x: jobs, samples: taken.all('ms') })
    rows.push({
      work: `ls, ${jobs.toLocaleString('en')} jobs`,
      unit: 'ms',
      chap: taken.of('chap', 'ms'),
      rivals: taken.rivals('ms'),
      verdict: timesOf(taken.of('chap', 'ms'), taken.of('node -e 0', 'ms'), limit, 'node -e 0'),
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
