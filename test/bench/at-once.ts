// Two hundred local jobs and a hundred over ssh, all at once on this machine: all correct, and how long it takes, beside parallel.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { outcomeOf } from '../../src/domain/job.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import { readState } from '../../src/spool/state.ts'
import { countCpu } from './account.ts'
import { alternate, cpuRow, type Turn } from './alternate.ts'
import { makeHosts } from './hosts.ts'
import { allJobs, removeAll } from './jobs.ts'
import { type Result, type Row, timesOf } from './row.ts'
import { type RunOptions, run } from './run.ts'
import type { Bench, Work } from './work.ts'

/** Seconds that each job takes by itself. parallel has as many slots as there are jobs: with -j100, two hundred would be two waves. */
const LASTS = 2
const LINES = 500

/** Its number is the first line and makes its status; the rest is the same for all. */
const script = `n=$0; echo "job $n"; seq ${LINES}; sleep ${LASTS}; exit $((n % 5))`
const outputOf = (n: number): string =>
  `job ${n}\n${Array.from({ length: LINES }, (_, index) => `${index + 1}\n`).join('')}`
/** The largest of the statuses; parallel says how many failed. */
const STATUSES = [4, ...Array.from({ length: 102 }, (_, n) => n)]

type Figure = 's' | 'cpu'

const measure = async (bench: Bench): Promise<Result> => {
  const [local, far] = [bench.size(200, 20), bench.size(100, 10)]
  const here = await alternate<Figure>(bench, `${local} local jobs`, {
    chap: byChap(bench, local, startLocal(bench, local)),
    ...(bench.has('parallel') ? { parallel: byParallel(bench, local, ['sh', '-c', `'${script}'`, '{}']) } : {}),
  })
  const { config, names, set } = makeHosts(bench, far)
  // In the command's own words the number is CHAP_INDEX, of parallel the host's place.
  const group = ['run', '-F', config, '--host', set, '-c', `exec sh -c '${script}' "$CHAP_INDEX"`]
  const line = `sh -c '${script}' {#}`
  const there = await alternate<Figure>(bench, `${far} ssh jobs`, {
    chap: byChap(bench, far, (options) => run(bench, [...bench.chap, ...group], { ...options, statuses: STATUSES })),
    ...(bench.has('parallel')
      ? {
          parallel: byParallel(bench, far, ['ssh', '-F', config, '{}', `"${line.replaceAll(/["$]/g, '\\$&')}"`], names),
        }
      : {}),
  })
  return {
    rows: [
      ...rowsOf(`${local} local jobs of ${LASTS} s at once`, here),
      ...rowsOf(`${far} ssh jobs of ${LASTS} s at once`, there),
    ],
  }
}

const rowsOf = (work: string, taken: Awaited<ReturnType<typeof alternate<Figure>>>): Row[] => {
  const rivals = taken.rivals('s')
  const against = rivals['parallel']
  return [
    {
      work: `${work}, until all have ended`,
      unit: 's',
      chap: taken.of('chap', 's'),
      rivals,
      verdict: against === undefined ? null : timesOf(taken.of('chap', 's'), against, 2, 'parallel'),
      note: 'all statuses and all output are right, else there were no row',
    },
    cpuRow(taken),
  ]
}

/** As a person would: a loop in a shell, then one wait for all. */
const startLocal =
  (bench: Bench, count: number) =>
  (options: RunOptions): Promise<unknown> => {
    const [node = '', bin = ''] = bench.chap
    const loop = `seq 0 ${count - 1} | xargs -P 8 -I{} "$1" "$2" start -q -l n={} -- sh -c "$3" {} >"$4" && exec "$1" "$2" wait $(cat "$4")`
    const argv = ['sh', '-c', loop, 'sh', node, bin, script, `${bench.spool.root}/ids`]
    return run(bench, argv, { ...options, statuses: STATUSES })
  }

const byChap =
  (bench: Bench, count: number, start: (options: RunOptions) => Promise<unknown>): Turn<Figure> =>
  async () => {
    const { value: s, cpu } = await countCpu(bench.there, async (account) => {
      const begun = performance.now()
      await start({ account })
      return (performance.now() - begun) / 1000
    })
    const seen = new Set<number>()
    for (const id of allJobs(bench)) {
      const paths = jobPaths(bench.spool.dir, id)
      const output = readFileSync(paths.stdout, 'utf8')
      const state = readState(paths.state)
      const outcome = state.ok ? outcomeOf(state.value.job) : undefined
      expectRight(id, output, outcome?.kind === 'exited' ? outcome.code : undefined, seen)
    }
    expectAll('chap', seen, count)
    await removeAll(bench)
    return { s, cpu }
  }

const byParallel =
  (bench: Bench, count: number, command: readonly string[], names?: readonly string[]): Turn<Figure> =>
  async () => {
    const dir = `${bench.spool.root}/parallel`
    mkdirSync(dir)
    const values = names ?? Array.from({ length: count }, (_, n) => String(n))
    const argv = [
      'parallel',
      '--will-cite',
      `-j${count}`,
      '--results',
      `${dir}/out`,
      '--joblog',
      `${dir}/log`,
      ...command,
    ]
    const { value: s, cpu } = await countCpu(bench.there, async (account) => {
      const ran = await run(bench, [...argv, ':::', ...values], { account, stdout: 'ignore', statuses: STATUSES })
      return ran.ms / 1000
    })
    const seen = new Set<number>()
    const [, ...lines] = readFileSync(`${dir}/log`, 'utf8').trim().split('\n')
    for (const line of lines) {
      const fields = line.split('\t')
      const value = values[Number(fields[0]) - 1] ?? ''
      expectRight(value, readFileSync(`${dir}/out/1/${value}/stdout`, 'utf8'), Number(fields[6]), seen)
    }
    expectAll('parallel', seen, count)
    rmSync(dir, { recursive: true })
    return { s, cpu }
  }

const expectRight = (who: string, output: string, status: number | undefined, seen: Set<number>): void => {
  const n = Number(/^job (\d+)\n/.exec(output)?.[1])
  if (output !== outputOf(n)) throw new Error(`${who}: ${output.length} bytes that are not the job's`)
  if (status !== n % 5) throw new Error(`${who}: status ${status} of job ${n}`)
  if (seen.has(n)) throw new Error(`${who}: job ${n} was run twice`)
  seen.add(n)
}

const expectAll = (who: string, seen: ReadonlySet<number>, count: number): void => {
  if (seen.size !== count) throw new Error(`${who}: ${seen.size} of ${count} jobs`)
}

export const atOnce: Work = { name: 'at-once', limit: 420, measure }
