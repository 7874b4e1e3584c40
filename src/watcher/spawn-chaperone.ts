/** Starts a job's chaperone: detached before it does anything, with nothing of this process's terminal. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { JobPaths } from '../spool/layout.ts'

/** In dist/, all that is bundled lies flat in one folder. */
const program = fileURLToPath(new URL('./chaperone.js', import.meta.url))

/** @returns a promise of why it could not be started; it never resolves when it could */
export const spawnChaperone = (paths: JobPaths): Promise<string> => {
  // The pool's threads would cost memory in each of hundreds of chaperones.
  const child = spawn(process.execPath, ['--v8-pool-size=0', program, paths.dir], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  })
  child.unref()
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
  })
}
