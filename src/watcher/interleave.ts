/** In which order the pieces of two streams are shown: as the timeline's marks say they came. */
import type { Sizes } from '../domain/report.ts'
import type { Stream } from '../spool/timeline.ts'
import type { MarkReader } from './mark-reader.ts'

export interface Segment {
  readonly stream: Stream
  readonly start: number
  readonly end: number
}

/**
 * The pieces of both streams from `from` up to `upTo`, in order of arrival; neighbours of one stream are one piece. What has no mark yet
 * comes last. While only one stream has something to show, no mark is looked at.
 */
export function* interleave(from: Sizes, upTo: Sizes, marks: Pick<MarkReader, 'peek' | 'skip'>): Generator<Segment> {
  const done: Record<Stream, number> = { ...from }
  const take = (stream: Stream, end: number): Segment => {
    const segment = { stream, start: done[stream], end }
    done[stream] = end
    return segment
  }
  const isLeft = (stream: Stream): boolean => done[stream] < upTo[stream]
  let open: Segment | undefined
  while (isLeft('stdout') && isLeft('stderr')) {
    const mark = marks.peek()
    if (mark === undefined) break
    const { stream } = mark
    const end = Math.min(mark.size, upTo[stream])
    if (end > done[stream]) {
      const segment = take(stream, end)
      if (open?.stream === stream) open = { ...open, end }
      else {
        if (open !== undefined) yield open
        open = segment
      }
    }
    // A mark beyond what is wanted now is wanted again.
    if (mark.size > upTo[stream]) break
    marks.skip()
  }
  for (const stream of lastFirst(open?.stream)) {
    if (!isLeft(stream)) continue
    const segment = take(stream, upTo[stream])
    if (open?.stream === stream) open = { ...open, end: segment.end }
    else {
      if (open !== undefined) yield open
      open = segment
    }
  }
  if (open !== undefined) yield open
}

const lastFirst = (stream: Stream | undefined): readonly Stream[] =>
  stream === 'stderr' ? ['stderr', 'stdout'] : ['stdout', 'stderr']
