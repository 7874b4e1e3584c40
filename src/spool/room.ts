/** What is left on the disk of the spool. */
import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'

export interface Room {
  /** Bytes that this user may still write, and all that the disk has; 0 of 0 where a file system does not say. */
  readonly free: number
  readonly size: number
  /** The same for files. Some file systems have no such limit: 0 of 0. */
  readonly freeFiles: number
  readonly files: number
}

/** Little is left when less than this part is, and less than so much: a large disk's twentieth is plenty. */
const PART = 0.05
const LITTLE_BYTES = 1024 ** 3
/** A job takes about fifteen. */
const FEW_FILES = 2_000

/** The directory itself, or the one that it would be made in. */
const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)))

/** One call of the system. @throws ErrnoException for what it refuses */
export const readRoom = (spool: string): Room => {
  const { bsize, blocks, bavail, files, ffree } = statfsSync(nearest(spool))
  return { free: bavail * bsize, size: blocks * bsize, freeFiles: ffree, files }
}

/** What runs low; null: nothing. */
export const runsLow = ({ free, size, freeFiles, files }: Room): 'bytes' | 'files' | null => {
  if (size > 0 && free < size * PART && free < LITTLE_BYTES) return 'bytes'
  return files > 0 && freeFiles < files * PART && freeFiles < FEW_FILES ? 'files' : null
}
