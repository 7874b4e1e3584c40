/**
 * Room for records when the disk has none. A job's directory holds some files of one block, really written; on a full disk a record is
 * written into one of them in place, which takes no new block, and then published as ever. A state frees the block of the one before,
 * so that as a rule the next spare can be made from it at once.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { writeAll } from './write-all.ts'

/** A request, its answer, a chaperone's claim and its state may all be due while there is no room. */
const COUNT = 4
/** One block. A record that is longer has to wait for room. */
const SIZE = 4_096
/** Bytes. With less than this left the disk is called full: a block or two come and go. */
export const ROOM = 65_536

const names = Array.from({ length: COUNT }, (_, index) => String(index + 1))

/** Is it that there is no room, on the disk or in the user's quota? */
export const isNoRoom = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Makes the spares that are missing. @throws ErrnoException (ENOSPC, EDQUOT, ...): there are as many as there was room for */
export const fillSpares = (dir: string): void => {
  makeDirectory(dir)
  for (const name of names) {
    const path = join(dir, name)
    if (statSync(path, { throwIfNoEntry: false }) === undefined) renameSync(fillFile(dir, SIZE), path)
  }
}

/** Not with its parents: a job's directory that was deleted must not come back. */
const makeDirectory = (dir: string): void => {
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Makes the spares that are missing, then tries whether more could be written.
 * @throws ErrnoException (ENOSPC, EDQUOT, ...) if not
 */
export const findRoom = (dir: string): void => {
  fillSpares(dir)
  unlinkSync(fillFile(dir, ROOM))
}

/** Not synced: a name or a block that a power cut takes is made anew. @returns the file's path */
const fillFile = (dir: string, size: number): string => {
  const path = join(dir, `${process.pid}.new`)
  const fd = openSync(path, 'w', 0o600)
  try {
    // No zeros: some file systems make a hole of them.
    writeAll(fd, Buffer.alloc(size, '\n'))
  } catch (error) {
    unlinkSync(path)
    throw error
  } finally {
    closeSync(fd)
  }
  return path
}

/**
 * Writes `bytes` to the new file `path`, durably, in the place of a spare.
 * @returns false: none is left, or they are longer than one
 */
export const writeInSpare = (dir: string, path: string, bytes: Uint8Array): boolean =>
  bytes.length <= SIZE && names.some((name) => takeSpare(join(dir, name), path) && overwrite(path, bytes))

/** Of several takers one has it. */
const takeSpare = (from: string, to: string): boolean => {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** @returns false: a power cut had left it short, or this file system writes nothing in place */
const overwrite = (path: string, bytes: Uint8Array): boolean => {
  const fd = openSync(path, 'r+')
  try {
    if (fstatSync(fd).size < bytes.length) return false
    writeAll(fd, bytes)
    ftruncateSync(fd, bytes.length)
    fsyncSync(fd)
    return true
  } catch (error) {
    if (isNoRoom(error)) return false
    throw error
  } finally {
    closeSync(fd)
  }
}
