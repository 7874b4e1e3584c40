// Where the files of a measurement lie.
import { mkdirSync, statfsSync } from 'node:fs'

const MEMORY = '/dev/shm'
const NEEDED_BYTES = 8e9

/** Both sides' files in memory where there is room: what is measured by the gigabyte is else the disk's own noise, in somebody's figure. */
export const inMemory = async <T>(isInMemory: boolean, make: () => Promise<T>): Promise<T> => {
  if (!isInMemory || !hasRoom()) return make()
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = MEMORY
  try {
    return await make()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

const hasRoom = (): boolean => {
  try {
    mkdirSync(MEMORY, { recursive: true })
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize > NEEDED_BYTES
  } catch {
    return false
  }
}
