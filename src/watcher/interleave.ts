/** In which order the pieces of two streams are shown: as the timeline's marks say they came. */
import type { Sizes } from '../domain/report.ts'
import type { Stream } from '../spool/timeline.ts'
import type { MarkReader } from './read-forward.ts'

export interface Segment {
  readonly stream: Stream
  readonly end: number
}

type Marks = Pick<MarkReader, 'peek' | 'skip'>

/**
 * The pieces of both streams from `from` up to `upTo`, in order of arrival; neighbours of one stream are one piece. What has no mark yet
 * comes last. While only one stream has something to show, no mark is looked at.
 */
export function* interleave(from: Sizes, upTo: Sizes, marks: Marks): Generator<Segment> {
  let open: Segment | undefined
  for (const segment of listSegments(from, upTo, marks)) {
    if (open !== undefined && open.stream !== segment.stream) yield open
    open = segment
  }
  if (open !== undefined) yield open
}

function* listSegments(from: Sizes, upTo: Sizes, marks: Marks): Generator<Segment> {
  const done: Record<Stream, number> = { ...from }
  let last: Stream = 'stdout'
  while (done.stdout < upTo.stdout && done.stderr < upTo.stderr) {
    const mark = marks.peek()
    if (mark === undefined) break
    const { stream, size } = mark
    const end = Math.min(size, upTo[stream])
    if (end > done[stream]) {
      yield { stream, end }
      done[stream] = end
      last = stream
    }
    // A mark beyond what is wanted now is wanted again.
    if (size > upTo[stream]) break
    marks.skip()
  }
  for (const stream of last === 'stdout' ? (['stdout', 'stderr'] as const) : (['stderr', 'stdout'] as const)) {
    if (done[stream] < upTo[stream]) yield { stream, end: upTo[stream] }
  }
}
