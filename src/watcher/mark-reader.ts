/** Reads a timeline forward, a piece at a time: it may be long, and it grows. */
import { closeSync, openSync, readSync } from 'node:fs'
import { type Mark, parseMarks } from '../spool/timeline.ts'

const PIECE = 65_536

export interface MarkReader {
  /** The next mark; undefined: no more yet. */
  readonly peek: () => Mark | undefined
  /** Passes over the mark that was peeked at. */
  readonly skip: () => void
  readonly close: () => void
}

export const openMarks = (path: string): MarkReader => {
  const fd = openOrNot(path)
  const piece = Buffer.allocUnsafe(PIECE)
  let position = 0
  let rest = ''
  let marks: Mark[] = []
  let index = 0
  const fill = (): void => {
    while (fd !== undefined && index >= marks.length) {
      const bytes = readSync(fd, piece, 0, PIECE, position)
      if (bytes === 0) return
      position += bytes
      const text = rest + piece.toString('latin1', 0, bytes)
      const end = text.lastIndexOf('\n') + 1
      rest = text.slice(end)
      marks = parseMarks(text.slice(0, end))
      index = 0
    }
  }
  return {
    peek: () => {
      if (index >= marks.length) fill()
      return marks[index]
    },
    skip: () => {
      index += 1
    },
    close: () => {
      if (fd !== undefined) closeSync(fd)
    },
  }
}

const openOrNot = (path: string): number | undefined => {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined // a help for showing: without it the streams are shown one after the other
  }
}
