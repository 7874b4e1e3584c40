// Runs a program to its end as a person would, and says how long that took. Whatever hangs is ended, and said.
import { spawn } from 'node:child_process'
import type { Account } from './account.ts'
import type { Bench } from './work.ts'

export interface RunOptions {
  /** A descriptor that its stdout goes to; else it is kept as text. */
  readonly stdout?: number | 'ignore'
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Ended and failed after so many milliseconds. */
  readonly timeout?: number
  /** Who pays for its CPU, and for that of all that it starts. */
  readonly account?: Account | undefined
  /** Exit statuses that are no failure; 0 unless told. */
  readonly statuses?: readonly number[]
}

export interface Ran {
  readonly ms: number
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}

const TIMEOUT_MS = 120_000

/** @throws when it ends otherwise than it should, with its words; when it takes too long; when the work is aborted */
export const run = (
  { spool, signal }: Pick<Bench, 'spool' | 'signal'>,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Ran> => {
  const { stdout: target = 'pipe', cwd, env = {}, timeout = TIMEOUT_MS, account, statuses = [0] } = options
  const [program = '', ...args] = account === undefined ? argv : account.enter(argv)
  const limit = AbortSignal.timeout(timeout)
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(program, args, {
      env: { ...spool.env, ...env },
      stdio: ['ignore', target, 'pipe'],
      signal: AbortSignal.any([signal, limit]),
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    })
    const texts = { stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      texts.stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      texts.stderr += text
    })
    const fail = (why: string): void =>
      reject(new Error(`${argv.join(' ').slice(0, 300)}: ${why}; it said: ${texts.stderr.slice(-500)}`))
    child.once('error', (error) => fail(limit.aborted ? `not over after ${timeout} ms` : String(error)))
    child.once('close', (status) => {
      const ms = performance.now() - start
      if (status === null || !statuses.includes(status)) fail(`ended with ${status}`)
      else resolve({ ...texts, ms, status })
    })
  })
}
