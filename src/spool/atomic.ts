/** Writing a record so that it is always whole, also under a full disk, a kill, or a power cut. */
import { closeSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isNoRoom, writeInSpare } from './spare.ts'
import { writeAll } from './write-all.ts'

/**
 * Synchronous on purpose: a chaperone may not do anything else before its state is on disk.
 * write-file-atomic publishes a short file when the disk fills, and doesn't sync the directory; hence our own.
 * @param spares a directory of them, for when the disk is full; null: it is to fail then
 * @param mode the file's; what is written in a spare keeps that one's
 * @throws ErrnoException (ENOSPC, EACCES, ENOENT, ...): the old record is then untouched
 */
export const writeRecord = (path: string, text: string, spares: string | null, mode = 0o600): void => {
  const temporary = `${path}.${process.pid}.new`
  try {
    writeDurably(temporary, text, spares, mode)
    renameSync(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
  syncDirectory(dirname(path))
}

/**
 * Like writeRecord, but only if there is no such file yet: of several callers one wins.
 * @returns whether it was this one
 */
export const claimRecord = (path: string, text: string, spares: string): boolean => {
  const temporary = `${path}.${process.pid}.new`
  try {
    writeDurably(temporary, text, spares)
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    removeQuietly(temporary)
  }
  syncDirectory(dirname(path))
  return true
}

/** As whole as a record, but no more than a hint: not synced, and where it can't be written there is none. */
export const writeHint = (path: string, text: string): void => {
  const temporary = `${path}.${process.pid}.new`
  try {
    // Another machine's process may have this number, too.
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
    renameSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') removeQuietly(temporary)
  }
}

const writeDurably = (path: string, text: string, spares: string | null, mode = 0o600): void => {
  const bytes = Buffer.from(text)
  try {
    writeFile(path, bytes, mode)
  } catch (error) {
    if (spares === null || !isNoRoom(error) || !writeInSpare(spares, path, bytes)) throw error
  }
}

const writeFile = (path: string, bytes: Uint8Array, mode: number): void => {
  const fd = openSync(path, 'w', mode)
  try {
    writeAll(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Makes a rename in `dir` survive a power cut. */
export const syncDirectory = (dir: string): void => {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const removeQuietly = (path: string): void => {
  try {
    unlinkSync(path)
  } catch {
    // It was renamed, or never made; a leftover harms nobody: readers never look at it.
  }
}
