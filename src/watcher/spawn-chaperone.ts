/** Starts a job's chaperone: detached before it does anything, with nothing of this process's terminal. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { withoutCertificates } from '../domain/lean-environment.ts'
import type { JobPaths } from '../spool/layout.ts'

/** In dist/, all that is bundled lies flat in one folder. */
const program = fileURLToPath(new URL('./chaperone.cjs', import.meta.url))

/**
 * Gives a chaperone its job, and the secret of that job where it has one.
 * @returns a promise of why it could not be started; it never resolves when it could
 */
export type GiveJob = (paths: JobPaths, secret: string | null) => Promise<string>

/**
 * Starts a chaperone that has no job yet: it gets up while this process makes the job's directory. If it is given none,
 * it goes when this process does.
 * @param onKilled called when a signal ended it, while this process still runs
 */
export const spawnChaperone = (onKilled?: () => void): GiveJob => {
  // The pool's threads would cost memory in each of hundreds of chaperones.
  const child = spawn(process.execPath, ['--v8-pool-size=0', program], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: withoutCertificates(process.env),
  })
  child.unref()
  child.once('exit', (_code, signal) => {
    if (signal !== null) onKilled?.()
  })
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.stdin.once('error', (error) => resolve(error.message))
  })
  return (paths, secret) => {
    child.stdin.end(secret === null ? paths.dir : `${paths.dir}\0${secret}`)
    return failed
  }
}
