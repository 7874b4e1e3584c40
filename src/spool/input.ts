/** The file of a stdin that stays open: what is accepted is appended, once, whatever dies in between. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'

/**
 * Writes `bytes` at `at`, durably. What a writer that died left there is theirs, if they begin with it, and is written once more.
 * @param isOther does this, which already stands there, belong to another request? Somebody may have read it
 * @returns false: it does, and that one comes first
 * @throws ErrnoException (ENOSPC, EDQUOT, ...): a part of them may be there
 */
export const storeInput = (
  path: string,
  at: number,
  bytes: Uint8Array,
  isOther: (left: Uint8Array) => boolean,
): boolean => {
  const fd = openSync(path, 'r+')
  try {
    const left = readLeft(fd, at)
    if (!beginsWith(bytes, left)) {
      if (isOther(left)) return false
      ftruncateSync(fd, at) // nobody's: a power cut makes such things
    }
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done)
    fsyncSync(fd)
    return true
  } finally {
    closeSync(fd)
  }
}

export const beginsWith = (bytes: Uint8Array, beginning: Uint8Array): boolean =>
  beginning.length <= bytes.length && Buffer.from(bytes.subarray(0, beginning.length)).equals(beginning)

const readLeft = (fd: number, at: number): Uint8Array => {
  const left = Buffer.alloc(Math.max(0, fstatSync(fd).size - at))
  return left.subarray(0, left.length === 0 ? 0 : readSync(fd, left, 0, left.length, at))
}
