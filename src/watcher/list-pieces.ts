/** A job's bytes, and the runs of a series, in the order in which they came: as its timeline and its notes of runs say. */
import { statSync } from 'node:fs'
import type { Sizes } from '../domain/report.ts'
import type { JobPaths } from '../spool/layout.ts'
import { parseRuns, type RunNote } from '../spool/runs.ts'
import type { Stream } from '../spool/timeline.ts'
import type { OnRun, Sinks } from './copy-streams.ts'
import { openMarks, readForward } from './read-forward.ts'

const STREAMS = ['stdout', 'stderr'] as const

export interface Merging {
  readonly paths: JobPaths
  readonly sinks: Sinks
  readonly from: Sizes
  /** Milliseconds since the epoch: nothing of it is older. */
  readonly created: number
  /** Of a series: told of its runs where they begin and end in the streams, but of those that begin where its files end. */
  readonly onRun?: OnRun
}

export interface Piece {
  /** When the last byte of it came, in milliseconds since the epoch. */
  readonly time: number
  readonly stream: Stream
  readonly start: number
  readonly end: number
}

/** What stands between two pieces. */
interface Told {
  readonly time: number
  readonly note: RunNote
}

export type Step = Piece | Told

/** @param upTo where its files ended */
export function* listPieces(job: Merging, upTo: Sizes): Generator<Step> {
  const { paths, from, sinks } = job
  const done: Record<Stream, number> = { ...from }
  const isOver = (): boolean => STREAMS.every((name) => sinks[name] === null || done[name] >= upTo[name])
  const notes = job.onRun === undefined ? null : readForward(paths.runs, parseRuns)
  let isTelling = from.stdout === 0 && from.stderr === 0
  function* advance(time: number, stream: Stream, end: number): Generator<Step> {
    for (let note = notes?.peek(); note !== undefined; note = notes?.peek()) {
      if ('at' in note) {
        const { at } = note
        // Not passed yet, or written later than all that is wanted.
        if (at[stream] >= end || STREAMS.some((name) => at[name] > upTo[name])) break
        for (const name of STREAMS) yield* copy(time, name, at[name])
        isTelling = at.stdout >= from.stdout && at.stderr >= from.stderr
      }
      if (isTelling) yield { time, note }
      notes?.skip()
    }
    yield* copy(time, stream, end)
  }
  function* copy(time: number, stream: Stream, end: number): Generator<Piece> {
    if (end > done[stream]) yield { time, stream, start: done[stream], end }
    done[stream] = Math.max(done[stream], end)
  }
  const marks = openMarks(paths.timeline)
  for (let mark = marks.peek(); mark !== undefined && !isOver(); mark = marks.peek()) {
    const { stream, time } = mark
    yield* advance(time, stream, Math.min(mark.size, upTo[stream]))
    marks.skip()
  }
  // What has no mark yet came when the file was last written to.
  for (const stream of STREAMS) {
    if (done[stream] >= upTo[stream]) continue
    const time = statSync(paths[stream], { throwIfNoEntry: false })?.mtimeMs ?? 0
    yield* advance(time, stream, upTo[stream])
  }
}
