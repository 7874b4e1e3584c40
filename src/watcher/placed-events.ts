/** Events from a place of a file on, each with the place behind it: there the reading can go on at any time, with nothing kept of the file. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { AnyEvent } from '../spool/event-file.ts'

/** end: the place behind it. */
export interface Placed {
  readonly event: AnyEvent | undefined
  readonly end: number
}

/** Of what is made whole each time that it is wanted; its places are indices. */
export function* placeAll(events: readonly AnyEvent[], from: number): Generator<Placed> {
  for (const [index, event] of events.entries()) if (index >= from) yield { event, end: index + 1 }
}

/** Whole lines. @throws ErrnoException when the file can't be read; where there is none, there are none */
export function* placeLines(
  path: string,
  from: number,
  parse: (line: string) => AnyEvent | undefined,
): Generator<Placed> {
  let position = from
  let rest = ''
  for (let added = readPiece(path, position); added !== ''; added = readPiece(path, position)) {
    position += added.length
    const text = rest + added
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = Buffer.from(text.slice(start, end), 'latin1').toString()
      start = end + 1
      yield { event: parse(line), end: position - text.length + start }
    }
    rest = text.slice(start)
  }
}

/** Bytes, for all readers: a piece is taken out at once. */
const piece = Buffer.allocUnsafeSlow(16_384)

/** Its bytes, a character each. The file is open no longer: it is one of thousands. */
const readPiece = (path: string, position: number): string => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    throw error
  }
  try {
    return piece.toString('latin1', 0, readSync(fd, piece, 0, piece.length, position))
  } finally {
    closeSync(fd)
  }
}
