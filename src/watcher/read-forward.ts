/**
 * Reads a file of lines forward, a piece at a time: it may be long, and it grows. Between two pieces no descriptor is held: the timelines of
 * thousands of jobs are read side by side.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { type Mark, parseMarks } from '../spool/timeline.ts'

/** Bytes: one for all readers, since a piece is parsed at once. */
const piece = Buffer.allocUnsafeSlow(16_384)

export interface Forward<T> {
  /** The next one; undefined: no more yet. */
  readonly peek: () => T | undefined
  /** Passes over the one that was peeked at. */
  readonly skip: () => void
}

export type MarkReader = Forward<Mark>

export const openMarks = (timeline: string): MarkReader => readForward(timeline, parseMarks)

/** @param parse what whole lines say */
export const readForward = <T>(path: string, parse: (text: string) => T[]): Forward<T> => {
  let position = 0
  let rest = ''
  let found: T[] = []
  let index = 0
  const fill = (): void => {
    while (index >= found.length) {
      const bytes = readPiece(path, position)
      if (bytes === 0) return
      position += bytes
      const text = rest + piece.toString('latin1', 0, bytes)
      const end = text.lastIndexOf('\n') + 1
      rest = text.slice(end)
      found = parse(text.slice(0, end))
      index = 0
    }
  }
  return {
    peek: () => {
      if (index >= found.length) fill()
      return found[index]
    },
    skip: () => {
      index += 1
    },
  }
}

/** @returns bytes read; 0: no more, or no such file: what is read so is a help for showing, and no more */
const readPiece = (path: string, position: number): number => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return 0
  }
  try {
    return readSync(fd, piece, 0, piece.length, position)
  } finally {
    closeSync(fd)
  }
}
