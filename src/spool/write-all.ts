/** A write may take only some of the bytes: a disk that is almost full does. */
import { writeSync } from 'node:fs'

/** @throws ErrnoException when the rest can't be written */
export const writeAll = (fd: number, bytes: Uint8Array): void => {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
}
