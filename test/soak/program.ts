// A random job: what it writes, how fast, and how it ends.
import { createCipheriv, createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type Outcome, outcomeOfStatus } from '../../src/domain/outcome.ts'
import type { Written } from '../rig/invariants.ts'
import type { Random } from '../simulation/random.ts'

export interface Program {
  readonly argv: readonly [string, ...string[]]
  readonly written: Written
  readonly outcome: Outcome
  /** Gets a line when the command begins. */
  readonly runs: string
  /** About how long it runs when nothing holds it up. */
  readonly milliseconds: number
}

const SIZES = [0, 1, 4_096, 65_537, 300_000, 3_000_000, 20_000_000] as const
const STATUSES = [0, 0, 1, 2, 42, 77, 100, 255] as const
const SIGNALS = [1, 6, 9, 15] as const
const PIECES = [1, 4, 16] as const
const PAUSES = [0, 20, 100, 300] as const

/** Bytes that are the same for the same seed, and never repeat. */
const makeBytes = (seed: string, size: number): Buffer =>
  createCipheriv('aes-256-ctr', createHash('sha256').update(seed).digest(), Buffer.alloc(16)).update(Buffer.alloc(size))

/** Its bytes lie in files in `dir`; both streams are written in pieces, side by side. */
export const makeProgram = (dir: string, seed: string, random: Random): Program => {
  mkdirSync(dir)
  const [out, err] = [random.pick(SIZES), random.pick(SIZES.slice(0, -1))]
  const written = { stdout: makeBytes(`${seed} out`, out), stderr: makeBytes(`${seed} err`, err) }
  writeFileSync(`${dir}/out`, written.stdout)
  writeFileSync(`${dir}/err`, written.stderr)
  const pieces = random.pick(PIECES)
  const pause = random.pick(PAUSES)
  const piece = (size: number): number => Math.max(1, Math.ceil(size / pieces))
  const copy = (size: number, fd: number): string => `dd bs=${piece(size)} count=1 iflag=fullblock <&${fd} 2>/dev/null`
  const signal = random.chance(0.2) ? random.pick(SIGNALS) : undefined
  const status = signal === undefined ? random.pick(STATUSES) : 128 + signal
  const script = `
echo begun >>'${dir}/runs'
exec 5>&2 3<'${dir}/out' 4<'${dir}/err'
i=0
while [ $i -lt ${pieces} ]; do
  ${copy(out, 3)} & ${copy(err, 4)} >&5; wait
  ${pause === 0 ? ':' : `sleep ${pause / 1000}`}
  i=$((i + 1))
done
${signal === undefined ? `exit ${status}` : `kill -${signal} $$; sleep 5`}`
  return {
    // Below sshd Debian's bash reads .bashrc otherwise, and what that says on stderr is the job's.
    argv: ['bash', '--norc', '-c', script],
    written,
    outcome: outcomeOfStatus(status),
    runs: `${dir}/runs`,
    milliseconds: 100 + pieces * (pause + 20),
  }
}
