/** Which part of a job's streams came in a span of time, as the timeline says: whole lines, each by the time at which it began to come. */
import { closeSync, fstatSync } from 'node:fs'
import type { Sizes } from '../domain/report.ts'
import { readKept } from '../spool/gaps.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { Stream } from '../spool/timeline.ts'
import { openOrGone } from './copy-merged.ts'
import { openMarks } from './read-forward.ts'

const STREAMS = ['stdout', 'stderr'] as const
const PIECE = 65_536
const NEWLINE = 10

/** Milliseconds since the epoch; null: from the beginning, and as far as there is something. */
export interface Span {
  readonly since: number | null
  readonly until: number | null
}

export interface Range {
  readonly from: Sizes
  readonly to: Sizes
}

/**
 * Of the streams themselves no more is read than the line at each end. What has no mark yet came this very moment.
 * @throws ErrnoException when a stream can't be read
 */
export const findRange = (paths: JobPaths, { since, until }: Span): Range => {
  const seen = { stdout: 0, stderr: 0 }
  const from: { stdout?: number; stderr?: number } = {}
  const to: { stdout?: number; stderr?: number } = {}
  const marks = openMarks(paths.timeline)
  for (let mark = marks.peek(); mark !== undefined; mark = marks.peek()) {
    const { stream, time, size } = mark
    // What is new in this mark came by then, and after the one before it.
    if (since !== null && time >= since) from[stream] ??= seen[stream]
    if (until !== null && time > until) to[stream] ??= seen[stream]
    seen[stream] = size
    marks.skip()
  }
  const range = { from: { stdout: 0, stderr: 0 }, to: { stdout: 0, stderr: 0 } }
  for (const stream of STREAMS) {
    const start = since === null ? 0 : (from[stream] ?? seen[stream])
    range.from[stream] = findLineAt(paths, stream, start)
    range.to[stream] = Math.max(range.from[stream], findLineAt(paths, stream, to[stream] ?? Number.POSITIVE_INFINITY))
  }
  return range
}

/** The offset itself where a line begins there, else that of the next line; at most the file's size. Of a job that was removed meanwhile it is 0. */
const findLineAt = (paths: JobPaths, stream: Stream, offset: number): number => {
  if (offset === 0) return 0
  const fd = openOrGone(paths[stream])
  if (fd === undefined) return 0
  try {
    const { size } = fstatSync(fd)
    if (offset >= size) return size
    const piece = Buffer.allocUnsafe(PIECE)
    // From the byte before: is it a line's end?
    for (let at = offset - 1; at < size; ) {
      const { bytes, gap } = readKept(fd, piece, PIECE, at, paths, stream)
      // No line can be found in it: it is shown whole.
      if (gap !== undefined) return Math.max(offset, gap.from)
      if (bytes === 0) return at
      const found = piece.subarray(0, bytes).indexOf(NEWLINE)
      if (found >= 0) return at + found + 1
      at += bytes
    }
    return size
  } finally {
    closeSync(fd)
  }
}
