// A gigabyte of a local job, beside the shell's own redirection and the queues that keep output: of a program that only copies, and of one that works.
import { readdirSync, rmSync } from 'node:fs'
import { alternate, type Turn } from './alternate.ts'
import { removeAll, startJob, untilEnded, untilLeft } from './jobs.ts'
import { type Result, type Row, speedOf } from './row.ts'
import { run } from './run.ts'
import { expectSame, makeSource } from './source.ts'
import type { Bench, Work } from './work.ts'

const DEADLINE_MS = 120_000

const measure = async (bench: Bench): Promise<Result> => {
  const { spool, size } = bench
  const bytes = size(1_000_000_000, 100_000_000)
  const source = `${spool.root}/source`
  await makeSource(source, bytes)
  const rows: Row[] = []
  const works = [
    { what: 'by cat, which only copies', command: `cat '${source}'` },
    // As base64 writes 77 bytes for 57: just as many.
    { what: 'by base64, which computes', command: `head -c ${Math.floor((bytes * 57) / 77)} '${source}' | base64` },
  ]
  for (const { what, command } of works) {
    const wanted = `${spool.root}/wanted`
    await run(bench, ['sh', '-c', `${command} >'${wanted}'`])
    const rival = 'sh -c cmd > file'
    const taken = await alternate(bench, what, {
      [rival]: plain(bench, command, wanted),
      chap: byJob(bench, command, wanted),
      ...(bench.has('nq') ? { nq: byNq(bench, command, wanted) } : {}),
      ...(bench.has('tsp') ? { tsp: byTsp(bench, command, wanted) } : {}),
    })
    rows.push({
      work: `${bytes / 1e9} GB of output, local job, ${what}`,
      unit: 's',
      chap: taken.of('chap', 's'),
      rivals: taken.rivals('s'),
      verdict: speedOf(taken.of('chap', 's'), taken.of(rival, 's'), 0.98, rival),
    })
  }
  return { rows }
}

const plain =
  (bench: Bench, command: string, wanted: string): Turn<'s'> =>
  async () => {
    const target = `${bench.spool.root}/target`
    const { ms } = await run(bench, ['sh', '-c', `${command} >'${target}'`])
    await expectSame(bench, wanted, target)
    rmSync(target)
    return { s: ms / 1000 }
  }

const byJob =
  (bench: Bench, command: string, wanted: string): Turn<'s'> =>
  async () => {
    const begun = performance.now()
    const { paths } = await startJob(bench, ['-c', command])
    await untilEnded(paths, DEADLINE_MS)
    const s = (performance.now() - begun) / 1000
    await untilLeft(paths)
    await expectSame(bench, wanted, paths.stdout)
    await removeAll(bench)
    return { s }
  }

/** Its file begins with a line that says what is run, and an empty one; a line with the status is its end. */
const byNq =
  (bench: Bench, command: string, wanted: string): Turn<'s'> =>
  async () => {
    const dir = `${bench.spool.root}/nq`
    const env = { NQDIR: dir }
    const begun = performance.now()
    await run(bench, ['nq', '-q', 'sh', '-c', command], { env })
    await run(bench, ['nq', '-w'], { env })
    const s = (performance.now() - begun) / 1000
    const [file = ''] = readdirSync(dir)
    // What comes before: its first line, and the empty one behind it.
    const check = `n=$(head -n 1 "$1" | wc -c); tail -c +$((n + 2)) "$1" | head -c "$(stat -c %s "$2")" | cmp - "$2"`
    await run(bench, ['sh', '-c', check, 'sh', `${dir}/${file}`, wanted])
    rmSync(dir, { recursive: true })
    return { s }
  }

const byTsp =
  (bench: Bench, command: string, wanted: string): Turn<'s'> =>
  async () => {
    const dir = bench.spool.root
    const env = { TS_SOCKET: `${dir}/tsp`, TMPDIR: dir }
    const begun = performance.now()
    const { stdout: id } = await run(bench, ['tsp', 'sh', '-c', command], { env })
    await run(bench, ['tsp', '-w', id.trim()], { env })
    const s = (performance.now() - begun) / 1000
    const { stdout: file } = await run(bench, ['tsp', '-o', id.trim()], { env })
    await expectSame(bench, wanted, file.trim())
    rmSync(file.trim())
    return { s }
  }

export const local: Work = { name: 'local', limit: 420, isInMemory: true, measure }
