/** A stream's file, read from where the last read ended; and where its bytes go. */
import { closeSync, fstatSync, openSync } from 'node:fs'
import type { Gap } from '../domain/gaps.ts'
import { readKept } from '../spool/gaps.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { Stream } from '../spool/timeline.ts'

/** Where bytes go. Resolves when more can be taken; false: nobody reads any more. */
export interface Sink {
  readonly write: (bytes: Uint8Array) => Promise<boolean>
  /** Told that bytes which come next in the stream are not kept (`--max-output`). */
  readonly skip?: (gap: Gap) => Promise<boolean>
}

/** Bytes that are read at a time: about what a pipe takes at once. Two of them are all the memory that a stalled reader costs. */
const PIECE = 128 * 1024

/** Pieces in a row after which signals are heard: a write to a file or a terminal is over when it returns, and none would come through. */
export const BREATH = 8

export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export interface Source {
  readonly offset: () => number
  /** Bytes in the file now. */
  readonly size: () => number
  /** Copies up to the offset `end`, or to the end of the file. false: nobody reads any more. */
  readonly copyTo: (sink: Sink, end: number) => Promise<boolean>
  readonly close: () => void
}

/** @throws ErrnoException when the file can't be opened */
export const openSource = (paths: JobPaths, stream: Stream, from: number): Source => {
  const fd = openSync(paths[stream], 'r')
  let offset = from
  let isOpen = true
  const pieces = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)] as const
  return {
    offset: () => offset,
    size: () => fstatSync(fd).size,
    copyTo: async (sink, end) => {
      let writing = Promise.resolve(true)
      // One piece is read while the other is written.
      for (let count = 1; isOpen && offset < end; count++) {
        const piece = pieces[count % 2 === 0 ? 0 : 1]
        const { bytes, gap } = readKept(fd, piece, Math.min(PIECE, end - offset), offset, paths, stream)
        if (count % BREATH === 0) await breathe()
        // Closed meanwhile: it was detached, and shows no more.
        if (!(await writing) || !isOpen) return false
        if (gap !== undefined) {
          writing = sink.skip?.({ from: offset, to: gap.to }) ?? writing
          offset = gap.to
          continue
        }
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
