// A gigabyte from there to here: a job's output in the spool, beside ssh into a file; and how that grows with the bytes.
import { closeSync, openSync, rmSync } from 'node:fs'
import { countCpu } from './account.ts'
import { alternate, cpuRow, type Turn } from './alternate.ts'
import { chaperoneOf, cpuSeconds, removeAll, startJob, untilEnded, untilLeft } from './jobs.ts'
import { atMost, type Curve, median, type Result, speedOf } from './row.ts'
import { run } from './run.ts'
import { expectSame, makeSource } from './source.ts'
import type { Bench, Work } from './work.ts'

const GIGABYTE = 1_000_000_000
const DEADLINE_MS = 120_000

/**
 * `s`: seconds until all bytes are in the file; `own`: of the chaperone's CPU until then; `cpu`: of all processes, here and there, until nothing
 * of it is left, with the checksums.
 */
export type Figure = 's' | 'own' | 'cpu'

const measure = async (bench: Bench): Promise<Result> => {
  const sizes = bench.size(1, 0) === 1 ? [1e6, 1e7, 1e8, GIGABYTE] : [1e6, 1e7, 1e8]
  const points: { readonly x: number; readonly samples: Readonly<Record<string, readonly number[]>> }[] = []
  const rows: Result['rows'][number][] = []
  for (const size of sizes) {
    const isLargest = size === sizes.at(-1)
    const source = `${bench.spool.root}/source`
    await makeSource(source, size)
    const taken = await alternate<Figure>(bench, `${size / 1e6} MB`, {
      'ssh host cat > file': plain(bench, source),
      chap: byJob(bench, source, 'keep'),
      ...(isLargest ? { 'chap --on-disconnect kill': byJob(bench, source, 'kill') } : {}),
    })
    points.push({ x: size / 1e6, samples: taken.all('s') })
    if (!isLargest) continue
    const work = `${(size / 1e9).toString()} GB of output into a file, over ssh`
    const own = taken.of('chap', 'own').map((seconds, round) => (100 * seconds) / (taken.of('chap', 's')[round] ?? 0))
    rows.push(
      {
        work,
        unit: 's',
        chap: taken.of('chap', 's'),
        rivals: taken.rivals('s'),
        verdict: speedOf(taken.of('chap', 's'), taken.of('ssh host cat > file', 's'), 0.97, 'ssh host cat > file'),
      },
      {
        work: "  the chaperone's own CPU meanwhile, of a core",
        unit: '%',
        chap: own,
        rivals: {},
        verdict: atMost(median(own), 1, '%'),
      },
      cpuRow(taken, 'chap also compares checksums of both sides'),
    )
  }
  const curve: Curve = { work: 'output over ssh into a file, by megabytes', x: 'MB', unit: 's', points }
  return { rows, curves: [curve] }
}

export const plain =
  (bench: Bench, source: string): Turn<Figure> =>
  async () => {
    const { value, cpu } = await countCpu(bench.there, async (account) => {
      const { sshd, spool } = bench
      const target = `${spool.root}/target`
      const stdout = openSync(target, 'w')
      const argv = ['ssh', '-F', sshd.sshConfig, sshd.host, `cat ${source}`]
      const { ms } = await run(bench, argv, { stdout, account })
      closeSync(stdout)
      await expectSame(bench, source, target)
      rmSync(target)
      return { s: ms / 1000, own: 0 }
    })
    return { ...value, cpu }
  }

export const byJob =
  (bench: Bench, source: string, policy: 'keep' | 'kill'): Turn<Figure> =>
  async () => {
    const { value, cpu } = await countCpu(bench.there, async (account) => {
      const { sshd } = bench
      const at = ['-F', sshd.sshConfig, '--on-disconnect', policy, sshd.host]
      const begun = performance.now()
      const { paths } = await startJob(bench, [...at, '--', 'cat', source], { account })
      const pid = chaperoneOf(paths)
      const before = cpuSeconds(pid)
      let own = 0
      await untilEnded(paths, DEADLINE_MS, () => {
        own = Math.max(own, cpuSeconds(pid) - before)
      })
      const s = (performance.now() - begun) / 1000
      await untilLeft(paths)
      await expectSame(bench, source, paths.stdout)
      return { s, own }
    })
    await removeAll(bench)
    return { ...value, cpu }
  }

export const transfer: Work = { name: 'transfer', limit: 420, isInMemory: true, measure }
