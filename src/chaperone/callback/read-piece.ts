/** A piece of a stream's file. */
import { closeSync, openSync, readSync } from 'node:fs'

/** @returns at most so many bytes; fewer where a power cut took some of them, which come again */
export const readPiece = (path: string, offset: number, length: number): Uint8Array => {
  const piece = Buffer.allocUnsafeSlow(length)
  const fd = openSync(path, 'r')
  try {
    let filled = 0
    for (let read = -1; read !== 0 && filled < length; filled += read)
      read = readSync(fd, piece, filled, length - filled, offset + filled)
    return piece.subarray(0, filled)
  } finally {
    closeSync(fd)
  }
}
