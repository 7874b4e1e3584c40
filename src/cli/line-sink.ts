/** A sink that passes whole lines on, each made into what is shown: CRLF as LF, a last line without its end at the end. */
import type { Sink } from '../watcher/source.ts'

/** Bytes of a line that are waited for; a longer one is passed on in parts. */
const LONGEST = 1024 * 1024
const NEWLINE = 10
const RETURN = 13

export interface LineSink extends Sink {
  /** Passes on a last line that has no end. */
  readonly end: () => Promise<boolean>
}

/**
 * @param show what is written for a line, given without its end; `offset` is where it begins in the stream
 * @param from the stream's offset of the first byte
 */
export const sinkLines = (
  out: Sink,
  show: (line: Buffer, offset: number) => Uint8Array | string,
  from: number,
): LineSink => {
  let rest = Buffer.alloc(0)
  let offset = from
  const take = (line: Buffer, length: number): Buffer => {
    const text = line.at(-1) === RETURN ? line.subarray(0, -1) : line
    const shown = Buffer.from(show(text, offset))
    offset += length
    return shown
  }
  const write = async (bytes: Uint8Array): Promise<boolean> => {
    const all = Buffer.concat([rest, bytes])
    const shown: Buffer[] = []
    let start = 0
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, start)) {
      shown.push(take(all.subarray(start, end), end - start + 1))
      start = end + 1
    }
    if (all.length - start > LONGEST) {
      shown.push(take(all.subarray(start), all.length - start))
      start = all.length
    }
    rest = Buffer.from(all.subarray(start))
    return shown.length === 0 ? true : out.write(Buffer.concat(shown))
  }
  return {
    write,
    end: async () => {
      if (rest.length === 0) return true
      const shown = take(rest, rest.length)
      rest = Buffer.alloc(0)
      return out.write(shown)
    },
  }
}
