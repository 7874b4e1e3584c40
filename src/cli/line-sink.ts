/** A sink that shows a stream line by line: what is shown of the lines of one piece is written at once, so that none is torn. */
import { type LineKind, type OnLine, type Sink, splitLines } from '../index.ts'

export interface LineSink extends Sink {
  /** Shows a last line that has no end. */
  readonly end: () => Promise<boolean>
}

/** Where the text of lines is put together. */
export interface Page {
  readonly put: (bytes: Uint8Array, start: number, end: number) => void
  readonly putAll: (bytes: Uint8Array) => void
}

/** Puts on the page what is shown of a line, given without its end; `offset` is where it begins in the stream. */
export type ShowLine = (
  page: Page,
  bytes: Uint8Array,
  start: number,
  end: number,
  offset: number,
  kind: LineKind,
) => void

export interface LineRules {
  /** The stream's offset of the first byte. */
  readonly from: number
  /** A last line without an end is not shown. */
  readonly isStrict: boolean
}

export const sinkLines = (out: Sink, show: ShowLine, { from, isStrict }: LineRules): LineSink => {
  const lines = splitLines(from)
  const showAll = async (split: (onLine: OnLine) => void): Promise<boolean> => {
    const page = pages.pop() ?? makePage()
    split((bytes, start, end, offset, kind) => show(page, bytes, start, end, offset, kind))
    const shown = page.bytes()
    const isRead = shown.length === 0 || (await out.write(shown))
    page.clear()
    // A hundred streams need no hundred pages: few are written at a time.
    if (pages.length < KEPT_PAGES && page.size() <= KEPT_SIZE) pages.push(page)
    return isRead
  }
  return {
    write: (bytes) => showAll((onLine) => lines.take(bytes, onLine)),
    // What stands before it has no end any more.
    skip: async (gap) =>
      (await showAll((onLine) => lines.skip(gap.to, isStrict ? () => undefined : onLine))) &&
      ((await out.skip?.(gap)) ?? true),
    end: () => showAll((onLine) => (isStrict ? undefined : lines.end(onLine))),
  }
}

const KEPT_PAGES = 8
const KEPT_SIZE = 1024 * 1024
/** Copying so few bytes one by one is faster than asking for it. */
const FEW = 40

interface OwnPage extends Page {
  readonly bytes: () => Uint8Array
  readonly size: () => number
  readonly clear: () => void
}

const pages: OwnPage[] = []

const makePage = (): OwnPage => {
  let page = Buffer.allocUnsafeSlow(256 * 1024)
  let length = 0
  const put = (bytes: Uint8Array, start: number, end: number): void => {
    const needed = length + end - start
    if (needed > page.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, page.length * 2))
      page.copy(larger, 0, 0, length)
      page = larger
    }
    if (end - start > FEW) page.set(bytes.subarray(start, end), length)
    else for (let at = start; at < end; at += 1) page[length + at - start] = bytes[at] ?? 0
    length = needed
  }
  return {
    put,
    putAll: (bytes) => put(bytes, 0, bytes.length),
    bytes: () => page.subarray(0, length),
    size: () => page.length,
    clear: () => {
      length = 0
    },
  }
}
