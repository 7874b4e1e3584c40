/** What is said where a part of a stream is not kept. */
import type { Gap, Sink, Stream } from '../index.ts'
import type { Context } from './context.ts'
import { formatSize } from './job-row.ts'

export const wordsOfGap = (stream: string, { from, to }: Gap): string =>
  `${formatSize(to - from)} of ${stream} not kept (--max-output), from byte ${from} to ${to}`

const NEWLINE = 10

/**
 * A stream's bytes as they are; where some are missing, chap says so on stderr.
 * @param label what chap's own lines begin with instead of its name
 */
export const showGaps = (context: Context, out: Pick<Sink, 'write'>, stream: Stream, label = 'chap: '): Sink => {
  let isLineStart = true
  return {
    write: (bytes) => {
      if (bytes.length > 0) isLineStart = bytes.at(-1) === NEWLINE
      return out.write(bytes)
    },
    skip: (gap) => {
      const start = isLineStart || !context.stderr.isTerminal ? '' : '\n'
      isLineStart = true
      return context.stderr.write(`${start}${label}[... ${wordsOfGap(stream, gap)} ...]\n`)
    },
  }
}
