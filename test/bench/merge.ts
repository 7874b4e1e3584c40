// 20 chatty jobs merged on one reader, as they write and when all is written: every line whole, in order, none lost.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { alternate } from './alternate.ts'
import { removeAll, startJobs } from './jobs.ts'
import type { Curve, Point, Result, Row } from './row.ts'
import { run } from './run.ts'
import type { Bench, Work } from './work.ts'

const JOBS = 20
const DEADLINE_MS = 120_000

const measure = async (bench: Bench): Promise<Result> => {
  const steps = bench.size(1, 0) === 1 ? [1_000, 10_000, 100_000] : [1_000]
  const live: Point[] = []
  const past: Point[] = []
  const rows: Row[] = []
  for (const lines of steps) {
    const following = await alternate(bench, `${JOBS} x ${lines} lines as they are written`, {
      chap: () => followJobs(bench, lines),
      ...(bench.has('parallel') ? { 'parallel --line-buffer': () => followParallel(bench, lines) } : {}),
    })
    const ids = await startAll(bench, lines)
    await run(bench, ['touch', goOf(bench)])
    await run(bench, [...bench.chap, 'wait', ...ids])
    const backlog = await alternate(bench, `${JOBS} x ${lines} lines that are written`, {
      chap: () => readMerged(bench, [...bench.chap, 'logs', ...ids], ids, lines, ' | '),
      'sed of each file': () => readMerged(bench, prefixEach(bench, ids), ids, lines, ' | '),
    })
    await clear(bench)
    live.push({ x: lines * JOBS, samples: following.all('s') })
    past.push({ x: lines * JOBS, samples: backlog.all('s') })
    if (lines !== steps.at(-1)) continue
    const work = `${JOBS} jobs x ${lines.toLocaleString('en')} lines on one reader`
    const note = "each line is looked at: none torn, lost or out of its job's order"
    rows.push(
      {
        work: `${work}, as they write`,
        unit: 's',
        chap: following.of('chap', 's'),
        rivals: following.rivals('s'),
        verdict: null,
        note,
      },
      {
        work: `${work}, when all is written`,
        unit: 's',
        chap: backlog.of('chap', 's'),
        rivals: backlog.rivals('s'),
        verdict: null,
        note,
      },
    )
  }
  const curves: Curve[] = [
    { work: `${JOBS} jobs merged as they write, by lines in all`, x: 'lines', unit: 's', points: live },
    { work: `${JOBS} jobs merged when all is written, by lines in all`, x: 'lines', unit: 's', points: past },
  ]
  return { rows, curves }
}

const goOf = ({ spool }: Bench): string => `${spool.root}/go`

/** Waits until all are followed; dd ends its pieces anywhere. */
const script = (go: string, lines: number): string =>
  `until [ -e ${go} ]; do sleep 0.1; done; seq -f 'line %.0f of words that fill it to about sixty bytes' ${lines} | dd bs=8190 status=none`

const startAll = async (bench: Bench, lines: number): Promise<string[]> =>
  (await startJobs(bench, JOBS, () => ['-c', script(goOf(bench), lines)])).map(({ id }) => id)

/** What sees nothing yet has a second to get up; then all write at once. */
const UP_MS = 1_000

const followJobs = async (bench: Bench, lines: number): Promise<{ s: number }> => {
  const ids = await startAll(bench, lines)
  const begun = await readWhile(bench, readMerged(bench, [...bench.chap, 'attach', ...ids], ids, lines, ' | '))
  const s = (performance.now() - begun) / 1000
  await clear(bench)
  return { s }
}

const followParallel = async (bench: Bench, lines: number): Promise<{ s: number }> => {
  const ids = Array.from({ length: JOBS }, (_, n) => `job${n}`)
  const argv = [
    'parallel',
    '--will-cite',
    `-j${JOBS}`,
    '--tag',
    '--line-buffer',
    `: {}; ${script(goOf(bench), lines)}`,
    ':::',
    ...ids,
  ]
  const begun = await readWhile(bench, readMerged(bench, argv, ids, lines, '\t'))
  const s = (performance.now() - begun) / 1000
  await clear(bench)
  return { s }
}

/** @returns when they began to write. A reader that fails before ends it at once. */
const readWhile = async (bench: Bench, reading: Promise<unknown>): Promise<number> => {
  await Promise.race([pause(UP_MS), reading])
  const begun = performance.now()
  await Promise.all([run(bench, ['touch', goOf(bench)]), reading])
  return begun
}

const clear = async (bench: Bench): Promise<void> => {
  rmSync(goOf(bench), { force: true })
  await removeAll(bench)
}

/** One file after the other: it merges nothing. */
const prefixEach = ({ spool }: Bench, ids: readonly string[]): string[] => [
  'sh',
  '-c',
  'cd "$0" && for id; do sed "s/^/$id | /" "$id/stdout"; done',
  `${spool.dir}/jobs`,
  ...ids,
]

/** @returns seconds. @throws at the first line that is not the next one of its job */
const readMerged = async (
  { spool, signal }: Bench,
  argv: readonly string[],
  ids: readonly string[],
  lines: number,
  mark: string,
): Promise<{ s: number }> => {
  const [command = '', ...args] = argv
  const next = new Map(ids.map((id) => [id, 1]))
  const start = performance.now()
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])
  const reader = spawn(command, args, { env: spool.env, stdio: ['ignore', 'pipe', 'inherit'], signal: limit })
  const failed = new Promise<never>((_resolve, reject) => reader.once('error', reject))
  const read = async (): Promise<{ s: number }> => {
    let rest = ''
    for await (const text of reader.stdout.setEncoding('latin1')) {
      const all = (rest + String(text)).split('\n')
      rest = all.pop() ?? ''
      for (const line of all) {
        const id = line.slice(0, line.indexOf(mark))
        const number = next.get(id)
        if (line !== `${id}${mark}line ${number} of words that fill it to about sixty bytes`)
          throw new Error(`a torn or lost line: ${JSON.stringify(line)}, expected ${number} of ${id}`)
        next.set(id, (number ?? 0) + 1)
      }
    }
    const short = [...next].filter(([, number]) => number !== lines + 1)
    if (rest !== '' || short.length > 0) throw new Error(`lost at the end: ${JSON.stringify({ rest, short })}`)
    return { s: (performance.now() - start) / 1000 }
  }
  return Promise.race([read(), failed])
}

export const merge: Work = { name: 'merge', limit: 420, measure }
