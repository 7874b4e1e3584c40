/** What is said where a part of a stream is not kept. */
import type { Gap, Sink, Stream } from '../index.ts'
import type { Context } from './context.ts'
import { formatSize } from './job-row.ts'

export const wordsOfGap = (stream: string, { from, to }: Gap): string =>
  `${formatSize(to - from)} of ${stream} not kept (--max-output), from byte ${from} to ${to}`

/** A stream's bytes as they are; where some are missing, chap says so on stderr. */
/** @param label what chap's own lines begin with instead of its name */
export const showGaps = (context: Context, out: Pick<Sink, 'write'>, stream: Stream, label = 'chap: '): Sink => ({
  write: (bytes) => out.write(bytes),
  skip: (gap) => context.stderr.write(`${label}[... ${wordsOfGap(stream, gap)} ...]\n`),
})
