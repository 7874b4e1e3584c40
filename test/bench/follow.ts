// How long a line takes from the program's write to the reader's screen: attach beside plain ssh, and beside tail -f.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { alternate } from './alternate.ts'
import { startJob, untilLeft } from './jobs.ts'
import { laterBy, quantile, type Result, type Row } from './row.ts'
import type { Bench, Work } from './work.ts'

const EVERY_MS = 20
const GOALS = { p50: 5, p99: 30 }

const measure = async (bench: Bench): Promise<Result> => {
  const { sshd, spool, chap, size } = bench
  const lines = size(200, 50)
  // Writes the time, a line each.
  const program = `let n = 0; setInterval(() => { process.stdout.write(performance.timeOrigin + performance.now() + '\\n'); if (++n === ${lines}) process.exit(0) }, ${EVERY_MS})`
  const command = `${process.execPath} -e "${program}"`
  const at = ['-F', sshd.sshConfig, sshd.host]
  const attach =
    (...target: readonly string[]) =>
    async () => {
      // It is attached to before it begins to write.
      const { id, paths } = await startJob(bench, ['-c', `sleep 1; exec ${command}`, ...target])
      const delays = await readDelays(bench, [...chap, 'attach', id], lines)
      await untilLeft(paths)
      return figuresOf(delays)
    }
  const tail = async () => {
    const file = `${spool.root}/followed`
    const out = openSync(file, 'w')
    const reading = readDelays(bench, ['tail', '-f', file], lines)
    const writer = spawn('sh', ['-c', `sleep 1; exec ${command}`], {
      env: spool.env,
      stdio: ['ignore', out, 'inherit'],
    })
    closeSync(out)
    const delays = await reading
    writer.kill()
    return figuresOf(delays)
  }
  const far = await alternate(bench, 'a line over ssh, ms', {
    chap: attach(...at),
    'ssh host cmd': async () => figuresOf(await readDelays(bench, ['ssh', ...at, command], lines)),
  })
  const near = await alternate(bench, 'a line here, ms', { chap: attach(), 'tail -f': tail })
  const row = (where: string, taken: typeof far, rival: string, figure: 'p50' | 'p99'): Row => ({
    work: `follow: a line from its write to the screen, ${where}, ${figure} of ${lines}`,
    unit: 'ms',
    chap: taken.of('chap', figure),
    rivals: taken.rivals(figure),
    verdict: laterBy(taken.of('chap', figure), taken.of(rival, figure), GOALS[figure], rival),
  })
  return {
    rows: (['p50', 'p99'] as const).flatMap((figure) => [
      row('ssh', far, 'ssh host cmd', figure),
      row('local', near, 'tail -f', figure),
    ]),
  }
}

const figuresOf = (delays: readonly number[]) => ({ p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) })

const DEADLINE_MS = 60_000

/** @throws when it does not show just so many lines, or takes too long */
const readDelays = ({ spool, signal }: Bench, argv: readonly string[], wanted: number): Promise<number[]> =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = argv
    const delays: number[] = []
    let rest = ''
    const reader = spawn(program, args, {
      env: spool.env,
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    })
    reader.once('error', reject)
    reader.stdout.setEncoding('latin1').on('data', (text: string) => {
      const now = performance.timeOrigin + performance.now()
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) delays.push(now - Number(line))
      // tail -f would go on for ever.
      if (delays.length >= wanted && program === 'tail') reader.kill()
    })
    reader.once('close', () =>
      delays.length === wanted && delays.every(Number.isFinite)
        ? resolve(delays)
        : reject(new Error(`${program} showed ${delays.length} lines of ${wanted}`)),
    )
  })

export const follow: Work = { name: 'follow', limit: 240, measure }
