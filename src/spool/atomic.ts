/** Writing a record so that it is always whole, also under a full disk, a kill, or a power cut. */
import { closeSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Synchronous on purpose: a chaperone may not do anything else before its state is on disk.
 * write-file-atomic publishes a short file when the disk fills, and doesn't sync the directory; hence our own.
 * @throws ErrnoException (ENOSPC, EACCES, ENOENT, ...): the old record is then untouched
 */
export const writeRecord = (path: string, text: string): void => {
  const temporary = `${path}.${process.pid}.new`
  try {
    writeDurably(temporary, text)
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
export const claimRecord = (path: string, text: string): boolean => {
  const temporary = `${path}.${process.pid}.new`
  try {
    writeDurably(temporary, text)
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

const writeDurably = (path: string, text: string): void => {
  const bytes = Buffer.from(text)
  const fd = openSync(path, 'w', 0o600)
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
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
