/** A stream's file, read from where the last read ended; and where its bytes go. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Where bytes go. Resolves when more can be taken; false: nobody reads any more. */
export interface Sink {
  readonly write: (bytes: Uint8Array) => Promise<boolean>
}

/** Bytes that are read at a time: about what a pipe takes at once. Two of them are all the memory that a stalled reader costs. */
const PIECE = 128 * 1024

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
  const pieces = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)] as const
  return {
    offset: () => offset,
    size: () => fstatSync(fd).size,
    copyTo: async (sink, end) => {
      let writing = Promise.resolve(true)
      // One piece is read while the other is written.
      for (let turn: 0 | 1 = 0; isOpen && offset < end; turn = turn === 0 ? 1 : 0) {
        const piece = pieces[turn]
        const bytes = readSync(fd, piece, 0, Math.min(PIECE, end - offset), offset)
        if (!(await writing)) return false
        if (bytes === 0) return true
        offset += bytes
        writing = sink.write(piece.subarray(0, bytes))
      }
      return writing
    },
    close: () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}
