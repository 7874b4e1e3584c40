/** What a directory takes of its disk. */
import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** st_blocks counts these, whatever the file system's own blocks are. */
const BLOCK = 512

/** Bytes of the blocks of all that is below it, itself too. What vanishes meanwhile, or may not be looked at, counts nothing. */
export const measureDisk = (dir: string): number => {
  const own = blocksOf(dir)
  return listEntries(dir).reduce((sum, entry) => {
    const path = join(dir, entry.name)
    return sum + (entry.isDirectory() ? measureDisk(path) : blocksOf(path))
  }, own)
}

const blocksOf = (path: string): number => {
  try {
    return (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK
  } catch (error) {
    return nothingIfSystem(error, 0)
  }
}

const listEntries = (dir: string): Dirent[] => {
  try {
    return readdirSync(dir, { withFileTypes: true })
  } catch (error) {
    return nothingIfSystem(error, [])
  }
}

const nothingIfSystem = <T>(error: unknown, nothing: T): T => {
  if ((error as NodeJS.ErrnoException).code === undefined) throw error
  return nothing
}
