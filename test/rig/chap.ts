// Run chap itself, as a person would, in a spool of the test's own.
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { Spool } from './spool.ts'

export interface ChapOptions {
  readonly spool: Spool
  /** What chap reads from stdin; nothing, unless told. */
  readonly input?: string | Uint8Array
  /** Added to the spool's own environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Milliseconds after which a chap that has not ended fails the test. */
  readonly deadline?: number
}

export interface ChapResult {
  readonly stdout: string
  readonly stderr: string
  /** The exact bytes of stdout, which need not be text. */
  readonly stdoutBytes: Buffer
  readonly stderrBytes: Buffer
  /** Undefined when chap was ended by a signal. */
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
}

export interface RunningChap {
  readonly pid: number
  readonly result: Promise<ChapResult>
  /** What it has written so far. */
  said(stream?: 'stdout' | 'stderr'): string
  kill(signal: NodeJS.Signals): void
}

/** For node to run. */
export const program = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))

/** Run chap to its end. Any exit status is a result; only not ending in time is an error. */
export async function chap(args: readonly string[], options: ChapOptions): Promise<ChapResult> {
  return startChap(args, options).result
}

/** Start chap and leave it running: for watchers that a test signals, and for those that end later. */
export function startChap(args: readonly string[], options: ChapOptions): RunningChap {
  const { spool, input = '', env = {}, cwd = spool.home, deadline = 60_000 } = options
  const child = execa(process.execPath, [program, ...args], {
    input,
    cwd,
    env: { ...spool.env, ...env },
    extendEnv: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    timeout: deadline,
    killSignal: 'SIGKILL',
  })
  const { pid } = child
  if (pid === undefined) throw new Error('chap could not be started')

  async function finish(): Promise<ChapResult> {
    const { stdout, stderr, exitCode, signal, timedOut } = await child
    const stdoutBytes = Buffer.from(stdout)
    const stderrBytes = Buffer.from(stderr)
    const texts = { stdout: stdoutBytes.toString(), stderr: stderrBytes.toString() }
    if (timedOut) throw new Error(`chap ${args.join(' ')} did not end in ${deadline} ms: ${JSON.stringify(texts)}`)
    return { ...texts, stdoutBytes, stderrBytes, exitCode, signal }
  }

  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => {
      said[stream] += chunk.toString('latin1')
    })

  return { pid, result: finish(), said: (stream = 'stdout') => said[stream], kill: (signal) => void child.kill(signal) }
}
