/** Removes jobs from the spool: at once for whoever looks, then their files. */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { syncDirectory } from '../spool/atomic.ts'
import { ringDoorbell } from '../spool/doorbell.ts'
import { type JobPaths, jobsDir, pathsIn } from '../spool/layout.ts'

/** Milliseconds after which what a crash left half made or half removed is nobody's any more. */
const STALE_MS = 3_600_000

/** @returns whether it was there @throws ErrnoException for what the system refuses */
export const removeJob = (spool: string, paths: JobPaths): boolean => {
  const grave = join(jobsDir(spool), `.gone-${randomBytes(8).toString('hex')}`)
  try {
    renameSync(paths.dir, grave)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  syncDirectory(jobsDir(spool))
  knock(pathsIn(grave))
  rmSync(grave, { recursive: true, force: true, maxRetries: 3 })
  return true
}

/** A chaperone that is there finds the job gone, and goes, before another job takes the id. */
const knock = ({ doorbell }: JobPaths): void => {
  try {
    ringDoorbell(doorbell)
  } catch {
    // What can't be rung is damaged; whoever holds it finds out at its next look.
  }
}

/** Removes what interrupted starts and removals left behind. @returns the names */
export const sweepLeftovers = (spool: string, now: number, isDryRun: boolean): string[] => {
  const dir = jobsDir(spool)
  if (!existsSync(dir)) return []
  const stale = readdirSync(dir)
    .filter((name) => /^\.(new|gone)-/.test(name))
    .filter((name) => now - (statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? now) > STALE_MS)
  if (!isDryRun) for (const name of stale) rmSync(join(dir, name), { recursive: true, force: true })
  return stale
}
