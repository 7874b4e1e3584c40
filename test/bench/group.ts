// One command on 40 names, all of them this machine's sshd, and all that they say: beside clush and GNU parallel, which keep nothing.
import { countCpu } from './account.ts'
import { alternate, cpuRow, type Turn } from './alternate.ts'
import { makeHosts } from './hosts.ts'
import { memoryOf, removeAll } from './jobs.ts'
import { type Curve, type Point, type Result, type Row, timesOf } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

/** Milliseconds between looks at the memory. */
const LOOK_MS = 100
const COMMAND = 'uname -n'

const measure = async (bench: Bench): Promise<Result> => {
  const sizes = bench.size(1, 0) === 1 ? [5, 10, 20, 40] : [4, 8]
  const points: Point[] = []
  const rows: Row[] = []
  for (const count of sizes) {
    const taken = await alternate(bench, `${count} hosts`, turnsFor(bench, count))
    points.push({ x: count, samples: taken.all('s') })
    if (count !== sizes.at(-1)) continue
    const work = `group of ${count} hosts, all output`
    const rivals = taken.rivals('s')
    for (const [name, values] of Object.entries(rivals))
      rows.push({
        work: `${work}, beside ${name}`,
        unit: 's',
        chap: taken.of('chap', 's'),
        rivals: { [name]: values },
        verdict: timesOf(taken.of('chap', 's'), values, 1.5, name),
      })
    rows.push(cpuRow(taken), {
      work: '  memory of all that runs here meanwhile, Pss, at most',
      unit: 'MiB',
      chap: [await mostMemory(bench, count)],
      rivals: {},
      verdict: null,
    })
  }
  const curve: Curve = { work: 'a command on many hosts, all output, by hosts', x: 'hosts', unit: 's', points }
  return { rows, curves: [curve] }
}

const turnsFor = (bench: Bench, count: number): Readonly<Record<string, Turn<'s' | 'cpu'>>> => {
  const { config, names, set } = makeHosts(bench, count)
  const turn =
    (argv: readonly string[]): Turn<'s' | 'cpu'> =>
    async () => {
      const { value, cpu } = await countCpu(bench.there, (account) => run(bench, argv, { account }))
      const { ms, stdout } = value
      const lines = stdout.split('\n').filter(Boolean).length
      if (lines !== count) throw new Error(`${argv[0]} showed ${lines} lines of ${count}`)
      await removeAll(bench)
      return { s: ms / 1000, cpu }
    }
  return {
    ...(bench.has('clush')
      ? { clush: turn(['clush', '-f', String(count), '-w', set, '-o', `-F ${config}`, COMMAND]) }
      : {}),
    chap: turn([...bench.chap, 'run', '-F', config, '--host', set, '-c', COMMAND]),
    ...(bench.has('parallel')
      ? {
          parallel: turn([
            'parallel',
            '-j',
            String(count),
            '--will-cite',
            'ssh',
            '-F',
            config,
            '{}',
            COMMAND,
            ':::',
            ...names,
          ]),
        }
      : {}),
  }
}

/** MiB that all processes here had at once, without the server's. */
const mostMemory = async (bench: Bench, count: number): Promise<number> => {
  const { config, set } = makeHosts(bench, count)
  let most = 0
  await countCpu(undefined, async (account) => {
    const timer = setInterval(() => {
      most = Math.max(
        most,
        (account?.pids() ?? []).reduce((sum, pid) => sum + memoryOf(pid, 'Pss'), 0),
      )
    }, LOOK_MS)
    try {
      await run(bench, [...bench.chap, 'run', '-F', config, '--host', set, '-c', 'sleep 3'], { account })
    } finally {
      clearInterval(timer)
    }
  })
  await removeAll(bench)
  return most / 1024
}

export const group: Work = { name: 'group', limit: 360, measure }
