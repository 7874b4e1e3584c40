/**
 * How a stream's bytes become lines, wherever lines are shown or written: split on LF; CRLF is LF; what follows the last LF is a last line
 * without an end; a line longer than a mebibyte comes in parts. Bytes that are no UTF-8 stay as they are. The lines are the same in whatever
 * chunks the bytes come.
 */

/** Bytes of a line that are waited for. */
export const LONGEST_LINE = 1024 * 1024

const NEWLINE = 10
const RETURN = 13

/** whole: it had an end. part: more of the same line follows. last: the stream's end came before the line's. */
export type LineKind = 'whole' | 'part' | 'last'

/** The line, without its end, is `bytes` from `start` to `end`, and is good for the time of the call; `offset` is where it begins in the stream. */
export type OnLine = (bytes: Uint8Array, start: number, end: number, offset: number, kind: LineKind) => void

export interface LineSplitter {
  readonly take: (bytes: Uint8Array, onLine: OnLine) => void
  /** The stream is over: gives a last line that has no end. */
  readonly end: (onLine: OnLine) => void
  /** The stream goes on at offset `to`: gives a line whose end is not kept. */
  readonly skip: (to: number, onLine: OnLine) => void
  /** The stream's offset of the first byte that was in no line yet. */
  readonly offset: () => number
}

/** @param from the stream's offset of the first byte */
export const splitLines = (from: number): LineSplitter => {
  let offset = from
  let held = new Uint8Array(0)
  let length = 0

  const hold = (bytes: Uint8Array, start: number, end: number): void => {
    const needed = length + end - start
    if (needed > held.length) {
      const larger = new Uint8Array(Math.min(LONGEST_LINE, Math.max(needed, held.length * 2, 256)))
      larger.set(held.subarray(0, length))
      held = larger
    }
    held.set(bytes.subarray(start, end), length)
    length = needed
  }

  const give = (bytes: Uint8Array, start: number, end: number, kind: LineKind, onLine: OnLine): void => {
    const isCrlf = kind === 'whole' && end > start && bytes[end - 1] === RETURN
    const begin = offset
    offset += end - start + (kind === 'whole' ? 1 : 0)
    onLine(bytes, start, isCrlf ? end - 1 : end, begin, kind)
  }

  const giveHeld = (kind: LineKind, onLine: OnLine): void => {
    const size = length
    length = 0
    give(held, 0, size, kind, onLine)
    // Of a long line no memory is kept.
    if (held.length > 65_536) held = new Uint8Array(0)
  }

  const take = (bytes: Uint8Array, onLine: OnLine): void => {
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, start)
      const end = newline < 0 ? bytes.length : newline
      if (newline >= 0 && length === 0 && end - start <= LONGEST_LINE) give(bytes, start, end, 'whole', onLine)
      else {
        while (length + end - start > LONGEST_LINE) {
          const cut = start + LONGEST_LINE - length
          hold(bytes, start, cut)
          giveHeld('part', onLine)
          start = cut
        }
        hold(bytes, start, end)
        if (newline >= 0) giveHeld('whole', onLine)
      }
      start = end + 1
    }
  }

  const giveLast = (onLine: OnLine): void => {
    if (length > 0) giveHeld('last', onLine)
  }

  return {
    take,
    end: giveLast,
    skip: (to, onLine) => {
      giveLast(onLine)
      offset = to
    },
    offset: () => offset,
  }
}
