/** Starting ssh, or hearing why it can't be. */
import { spawn } from 'node:child_process'
import type { Fault } from '../domain/fault.ts'
import { type Child, childOf, isScarcity, neverStarted, type Stdio } from './child.ts'

/**
 * By node itself: nothing of what execa adds is of use here (a buffer, a promise of the result, an end with this process: who takes over sees
 * to that), and each chaperone would take 20 ms to load it.
 * @param life outlives: it goes on when this process ends, in a session of its own
 */
export const startSsh = (
  args: readonly string[],
  stdio: Stdio,
  env: Readonly<Record<string, string>> = {},
  life: 'ours' | 'outlives' = 'ours',
): Child => {
  try {
    const detached = life === 'outlives'
    return childOf(spawn('ssh', args, { stdio: [...stdio], env: { ...process.env, ...env }, detached }))
  } catch (error) {
    return neverStarted(Promise.resolve(error as Error)) // too long a command line, no memory
  }
}

export const explainNoStart = (error: Error): Fault => ({
  code: isScarcity(error) ? 'lost' : 'usage',
  evidence: `ssh can't be started: ${error.message}`,
})
