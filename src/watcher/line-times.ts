/** When the bytes of a stream came, as its timeline says. */
import type { Stream } from '../spool/timeline.ts'
import { openMarks } from './read-forward.ts'

export interface LineTimes {
  /** Milliseconds since the epoch for the byte at `offset`; undefined: it has no mark yet. Ask for offsets in their order. */
  readonly timeOf: (offset: number) => number | undefined
}

export const openTimes = (timeline: string, stream: Stream): LineTimes => {
  const marks = openMarks(timeline)
  return {
    timeOf: (offset) => {
      for (let mark = marks.peek(); mark !== undefined; mark = marks.peek()) {
        // The first mark beyond the byte is the one that saw it come.
        if (mark.stream === stream && mark.size > offset) return mark.time
        marks.skip()
      }
      return undefined
    },
  }
}
