/** Is the disk full, on which a job's directory is? Asked often, so that it can be said also when nothing is to be written. */
import { statfsSync } from 'node:fs'
import type { JobPaths } from '../spool/layout.ts'
import { findRoom, isNoRoom, ROOM } from '../spool/spare.ts'

/** Milliseconds for which a disk is believed that has room for us and says that it has none: some is for root alone. */
const BELIEVED_MS = 5_000

/**
 * @returns a function that gives the system's words for it, or null. With `closely` it makes the spares that are missing, and writes
 * something; without, it only does where the disk says that it is full. A quota is not seen so.
 */
export const startFindingFull = (paths: JobPaths, now: () => number): ((closely: boolean) => string | null) => {
  let foundRoom = Number.NEGATIVE_INFINITY
  return (closely) => {
    try {
      if (!closely && (Math.abs(now() - foundRoom) < BELIEVED_MS || saysThatThereIsRoom(paths.dir))) return null
      findRoom(paths.spares)
      foundRoom = now()
      return null
    } catch (error) {
      if (isNoRoom(error)) return (error as Error).message
      // Deleted, read-only, no descriptor left: what must be written says so.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
      return null
    }
  }
}

/** Some file systems don't know how much they have. */
const saysThatThereIsRoom = (dir: string): boolean => {
  const { bsize, blocks, bavail } = statfsSync(dir)
  return blocks === 0 || bsize * bavail >= ROOM
}
