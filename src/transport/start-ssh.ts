/** Starting ssh, or hearing why it can't be. */
import { execa } from 'execa'
import type { Fault } from '../domain/fault.ts'
import { type Child, childOf, isScarcity, neverStarted, type Stdio } from './child.ts'

/** @param life outlives: it goes on when this process ends, in a session of its own */
export const startSsh = (
  args: readonly string[],
  stdio: Stdio,
  env: Readonly<Record<string, string>> = {},
  life: 'ours' | 'outlives' = 'ours',
): Child => {
  // execa takes any file descriptor; its types know the first few only.
  const [stdin, stdout, stderr] = stdio as readonly ['pipe', 'pipe', 'pipe']
  try {
    const process = execa('ssh', args, {
      stdin,
      stdout,
      stderr,
      env,
      detached: life === 'outlives',
      buffer: false,
      reject: false,
    })
    if (process.pid !== undefined) return childOf(process)
    return neverStarted(process.then(({ cause }) => (cause instanceof Error ? cause : new Error('it did not start'))))
  } catch (error) {
    // Without a descriptor left, node gives execa a process without streams, which execa does not expect.
    if (!(error instanceof TypeError)) throw error
    return neverStarted(Promise.resolve(Object.assign(new Error('no file descriptor left'), { code: 'EMFILE' })))
  }
}

export const explainNoStart = (error: Error): Fault => ({
  code: isScarcity(error) ? 'lost' : 'usage',
  evidence: `ssh can't be started: ${error.message}`,
})
