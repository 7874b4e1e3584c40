/** A job's streams as lines. */
import type { Gap } from '../domain/gaps.ts'
import { type LineKind, splitLines } from '../domain/lines.ts'
import type { Sizes } from '../domain/report.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { Stream } from '../spool/timeline.ts'
import type { OnRun, Sinks } from '../watcher/copy-streams.ts'
import { type LineTimes, openTimes } from '../watcher/line-times.ts'
import type { Put } from './hand-over.ts'

export interface Line {
  readonly stream: Stream
  /** Without its end, be it LF or CRLF. Bytes that are no UTF-8 are U+FFFD here; `Attachment.bytes` has them as they are. */
  readonly text: string
  /** Where it begins in its stream: in bytes. */
  readonly offset: number
  /** Milliseconds since the epoch when it came, within 50 while output flows. */
  readonly time: number
  /** whole: it had an end. part: it is longer than a mebibyte, and more of it follows. last: the stream ended before the line did. */
  readonly kind: LineKind
}

/** In bytes of the stream: the first that is not kept, and the first behind. */
export type OnGap = (gap: { readonly stream: Stream; readonly from: number; readonly to: number }) => void

/** What is done with the bytes of a job's streams. */
export interface Reading {
  readonly sinks: Sinks
  readonly onRun?: OnRun
  /** Nothing comes any more: passes on what was waiting for more. */
  readonly end: () => Promise<void>
}

/** Passes lines on, all that one piece of a stream has together. */
export const readLines = (
  { timeline }: JobPaths,
  from: Sizes,
  only: Stream | undefined,
  put: Put<readonly Line[]>,
  onGap?: OnGap,
): Reading => {
  const [stdout, stderr] = (['stdout', 'stderr'] as const).map((stream) =>
    only === undefined || only === stream
      ? readStream(openTimes(timeline, stream), stream, from[stream], put, onGap)
      : null,
  )
  const streams = [stdout, stderr].flatMap((one) => (one == null ? [] : [one]))
  return {
    sinks: { stdout: stdout ?? null, stderr: stderr ?? null },
    end: async () => {
      for (const { end } of streams) await end()
    },
  }
}

const readStream = (
  times: LineTimes,
  stream: Stream,
  from: number,
  put: Put<readonly Line[]>,
  onGap: OnGap | undefined,
) => {
  const { take, skip, end } = splitLines(from)
  const collect = (pass: (onLine: Parameters<typeof end>[0]) => void): Promise<boolean> => {
    const lines: Line[] = []
    pass((bytes, start, stop, offset, kind) => {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString()
      // What came this very moment has no mark yet.
      lines.push({ stream, text, offset, time: times.timeOf(offset) ?? Date.now(), kind })
    })
    return lines.length === 0 ? Promise.resolve(true) : put(lines)
  }
  return {
    write: (bytes: Uint8Array) => collect((onLine) => take(bytes, onLine)),
    skip: async (gap: Gap) => {
      const isTaken = await collect((onLine) => skip(gap.to, onLine))
      onGap?.({ stream, ...gap })
      return isTaken
    },
    end: () => collect(end),
  }
}
