// All of a finished job's gigabyte again: attach beside cat of the file, into a pipe and into a file.
import { closeSync, openSync, rmSync } from 'node:fs'
import { countCpu } from './account.ts'
import { alternate, cpuRow, type Turn } from './alternate.ts'
import { startJob, untilLeft } from './jobs.ts'
import { type Result, type Row, speedOf } from './row.ts'
import { run } from './run.ts'
import { expectSame, makeSource } from './source.ts'
import type { Bench, Work } from './work.ts'

const measure = async (bench: Bench): Promise<Result> => {
  const { spool, chap, size } = bench
  const bytes = size(1_000_000_000, 100_000_000)
  const source = `${spool.root}/source`
  await makeSource(source, bytes)
  const { id, paths } = await startJob(bench, ['--', 'cat', source])
  await untilLeft(paths)
  const contenders = { chap: [...chap, 'attach', id], cat: ['cat', paths.stdout] }

  const intoPipe =
    (argv: readonly string[]): Turn<'s' | 'cpu'> =>
    async () => {
      const counting = ['sh', '-c', '"$@" | wc -c', 'sh', ...argv]
      const { value, cpu } = await countCpu(undefined, (account) => run(bench, counting, { account }))
      const { ms, stdout } = value
      if (Number(stdout) !== bytes) throw new Error(`${argv.join(' ')} showed ${stdout.trim()} bytes of ${bytes}`)
      return { s: ms / 1000, cpu }
    }
  const intoFile =
    (argv: readonly string[]): Turn<'s' | 'cpu'> =>
    async () => {
      const target = `${spool.root}/target`
      const stdout = openSync(target, 'w')
      const { value, cpu } = await countCpu(undefined, (account) => run(bench, argv, { stdout, account }))
      closeSync(stdout)
      await expectSame(bench, source, target)
      rmSync(target)
      return { s: value.ms / 1000, cpu }
    }
  const rows: Row[] = []
  for (const [where, into] of [
    ['a pipe', intoPipe],
    ['a file', intoFile],
  ] as const) {
    const taken = await alternate(bench, `into ${where}`, { chap: into(contenders.chap), cat: into(contenders.cat) })
    rows.push(
      {
        work: `attach to a finished job, all of its ${bytes / 1e9} GB, into ${where}`,
        unit: 's',
        chap: taken.of('chap', 's'),
        rivals: taken.rivals('s'),
        verdict: speedOf(taken.of('chap', 's'), taken.of('cat', 's'), 0.8, 'cat of the file'),
      },
      cpuRow(taken),
    )
  }
  return { rows }
}

export const replay: Work = { name: 'replay', limit: 180, isInMemory: true, measure }
