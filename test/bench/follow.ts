// How long a line takes from the remote's write to the reader's screen: attach against plain ssh.
import { spawn } from 'node:child_process'
import { type Bench, ms, quantile, type Row, time } from './row.ts'

const LINES = 300
const EVERY_MS = 20

/** Writes the time, a line each. */
const program = `let n = 0; setInterval(() => { process.stdout.write(performance.timeOrigin + performance.now() + '\\n'); if (++n === ${LINES}) process.exit(0) }, ${EVERY_MS})`

export const measureFollow = async ({ root, sshd, spool }: Bench): Promise<Row[]> => {
  const { env } = spool
  const node = `${process.execPath} -e "${program}"`
  const ssh = ['-F', sshd.sshConfig]
  const plain = await readDelays(['ssh', ...ssh, sshd.host, node], env)
  const chap = [process.execPath, `${root}/bin/chap.js`]
  const id = time([...chap, 'start', ...ssh, '-c', `sleep 1; exec ${node}`, sshd.host], env).stdout.trim()
  const attached = await readDelays([...chap, 'attach', id], env)
  return [0.5, 0.99].map((q) => {
    const [ours, theirs] = [quantile(attached, q), quantile(plain, q)]
    return {
      work: `a line, remote to screen, ${q === 0.5 ? 'median' : '99%'} of ${LINES}`,
      chap: ms(ours),
      rival: `ssh host cmd: ${ms(theirs)}`,
      ratio: `+${ms(ours - theirs)}`,
      goal: q === 0.5 ? '<= +10 ms' : '<= +50 ms',
    }
  })
}

const readDelays = (argv: readonly string[], env: Readonly<Record<string, string>>): Promise<number[]> =>
  new Promise((resolve) => {
    const [command = '', ...args] = argv
    const delays: number[] = []
    let rest = ''
    const reader = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    reader.stdout.setEncoding('latin1').on('data', (text: string) => {
      const now = performance.timeOrigin + performance.now()
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) delays.push(now - Number(line))
    })
    reader.on('close', () => resolve(delays))
  })
