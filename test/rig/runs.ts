// Test runs on one machine share its accounts. Each holds a lock while it lives; only the last one may take the accounts along.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { needProgram } from './programs.ts'

const lock = '/run/lock/chap-t-runs'

export interface Hold {
  release(): Promise<void>
}

/** Hold the lock together with other runs; waits while one of them cleans up. */
export async function enterRun(): Promise<Hold> {
  const shared = await hold('--shared')
  if (shared === undefined) throw new Error(`could not hold ${lock}`)
  return shared
}

/** Hold the lock alone; undefined when another run is still there. */
export function enterAlone(): Promise<Hold | undefined> {
  return hold('--exclusive', '--nonblock')
}

// The kernel drops the lock with the process that holds it, and that one ends when this one closes its stdin or dies.
async function hold(...how: readonly string[]): Promise<Hold | undefined> {
  const child = spawn(needProgram('flock'), [...how, lock, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const isHeld = await Promise.race([once(child.stdout, 'data').then(() => true), exited.then(() => false)])
  if (!isHeld) return undefined
  return {
    async release() {
      child.stdin.end()
      await exited
    },
  }
}
