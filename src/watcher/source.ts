/** A stream's file, read from where the last read ended; and where its bytes go. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Where bytes go. Resolves when more can be taken; false: nobody reads any more. */
export interface Sink {
  readonly write: (bytes: Uint8Array) => Promise<boolean>
}

/** Bytes that are read at a time: enough for cat's speed, and all the memory that a stalled reader costs. */
const PIECE = 256 * 1024

export interface Source {
  readonly offset: () => number
  /** Bytes in the file now. */
  readonly size: () => number
  /** Copies up to the offset `end`, or to the end of the file. false: nobody reads any more. */
  readonly copyTo: (sink: Sink, end: number) => Promise<boolean>
  readonly close: () => void
}

/** @throws ErrnoException when the file can't be opened */
export const openSource = (path: string, from: number): Source => {
  const fd = openSync(path, 'r')
  let offset = from
  let isOpen = true
  let piece = Buffer.alloc(0)
  return {
    offset: () => offset,
    size: () => fstatSync(fd).size,
    copyTo: async (sink, end) => {
      while (isOpen && offset < end) {
        if (piece.length < PIECE) piece = Buffer.allocUnsafeSlow(Math.min(PIECE, Math.max(4096, end - offset)))
        const bytes = readSync(fd, piece, 0, Math.min(piece.length, end - offset), offset)
        if (bytes === 0) return true
        if (!(await sink.write(piece.subarray(0, bytes)))) return false
        offset += bytes
      }
      return true
    },
    close: () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}
