// A gigabyte of a local job, beside the shell's own redirection and the queues that keep output: of a program that only copies, and of one that works.
import { readdirSync, rmSync } from 'node:fs'
import { countCpu } from './account.ts'
import { alternate, cpuRow, type Turn } from './alternate.ts'
import { removeAll, startJob, untilEnded, untilLeft } from './jobs.ts'
import { type Result, type Row, speedOf } from './row.ts'
import { type RunOptions, run } from './run.ts'
import { expectSame, makeSource } from './source.ts'
import type { Bench, Work } from './work.ts'

const DEADLINE_MS = 120_000

interface Done {
  readonly s: number
  /** @throws when the output is not what it should be */
  clear(): Promise<void>
}

/** Has the command's output kept, and says how long that took. */
type Keep = (command: string, options: RunOptions) => Promise<Done>

const measure = async (bench: Bench): Promise<Result> => {
  const { spool, size, has } = bench
  const bytes = size(1_000_000_000, 100_000_000)
  const source = `${spool.root}/source`
  await makeSource(source, bytes)
  const rows: Row[] = []
  const works = [
    { what: 'by cat, which only copies', command: `cat '${source}'` },
    // As base64 writes 77 bytes for 57: just as many.
    { what: 'by base64, which computes', command: `head -c ${Math.floor((bytes * 57) / 77)} '${source}' | base64` },
  ]
  const rival = 'sh -c cmd > file'
  const wanted = `${spool.root}/wanted`
  for (const { what, command } of works) {
    await run(bench, ['sh', '-c', `${command} >'${wanted}'`])
    const turn =
      (keep: Keep): Turn<'s' | 'cpu'> =>
      async () => {
        const { value, cpu } = await countCpu(undefined, (account) => keep(command, { account }))
        await value.clear()
        return { s: value.s, cpu }
      }
    const taken = await alternate(bench, what, {
      [rival]: turn(byShell(bench, wanted)),
      chap: turn(byJob(bench, wanted)),
      ...(has('nq') ? { nq: turn(byNq(bench, wanted)) } : {}),
      ...(has('tsp') ? { tsp: turn(byTsp(bench, wanted)) } : {}),
    })
    rows.push(
      {
        work: `${bytes / 1e9} GB of output, local job, ${what}`,
        unit: 's',
        chap: taken.of('chap', 's'),
        rivals: taken.rivals('s'),
        verdict: speedOf(taken.of('chap', 's'), taken.of(rival, 's'), 0.98, rival),
      },
      cpuRow(taken),
    )
  }
  return { rows }
}

const byShell =
  (bench: Bench, wanted: string): Keep =>
  async (command, options) => {
    const target = `${bench.spool.root}/target`
    const { ms } = await run(bench, ['sh', '-c', `${command} >'${target}'`], options)
    const clear = async (): Promise<void> => {
      await expectSame(bench, wanted, target)
      rmSync(target)
    }
    return { s: ms / 1000, clear }
  }

const byJob =
  (bench: Bench, wanted: string): Keep =>
  async (command, options) => {
    const begun = performance.now()
    const { paths } = await startJob(bench, ['-c', command], options)
    await untilEnded(paths, DEADLINE_MS)
    const s = (performance.now() - begun) / 1000
    await untilLeft(paths)
    const clear = async (): Promise<void> => {
      await expectSame(bench, wanted, paths.stdout)
      await removeAll(bench)
    }
    return { s, clear }
  }

const byNq =
  (bench: Bench, wanted: string): Keep =>
  async (command, options) => {
    const dir = `${bench.spool.root}/nq`
    const env = { NQDIR: dir }
    const begun = performance.now()
    await run(bench, ['nq', '-q', 'sh', '-c', command], { ...options, env })
    await run(bench, ['nq', '-w'], { ...options, env })
    const s = (performance.now() - begun) / 1000
    const [file = ''] = readdirSync(dir)
    const clear = async (): Promise<void> => {
      // Its file begins with a line that says what is run, and an empty one; one that says the status is its end.
      const check = `n=$(head -n 1 "$1" | wc -c); tail -c +$((n + 2)) "$1" | head -c "$(stat -c %s "$2")" | cmp - "$2"`
      await run(bench, ['sh', '-c', check, 'sh', `${dir}/${file}`, wanted])
      rmSync(dir, { recursive: true })
    }
    return { s, clear }
  }

const byTsp =
  (bench: Bench, wanted: string): Keep =>
  async (command, options) => {
    const dir = bench.spool.root
    const own = { ...options, env: { TS_SOCKET: `${dir}/tsp`, TMPDIR: dir } }
    const begun = performance.now()
    const { stdout } = await run(bench, ['tsp', 'sh', '-c', command], own)
    const id = stdout.trim()
    await run(bench, ['tsp', '-w', id], own)
    const s = (performance.now() - begun) / 1000
    const file = (await run(bench, ['tsp', '-o', id], own)).stdout.trim()
    await run(bench, ['tsp', '-K'], own) // the server would stay
    const clear = async (): Promise<void> => {
      await expectSame(bench, wanted, file)
      rmSync(file)
    }
    return { s, clear }
  }

export const local: Work = { name: 'local', limit: 420, isInMemory: true, measure }
