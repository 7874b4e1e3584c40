/** Copies what both streams have, in the order in which it came. */
import type { Sizes } from '../domain/report.ts'
import type { JobPaths } from '../spool/layout.ts'
import { parseRuns, type RunNote } from '../spool/runs.ts'
import type { Stream } from '../spool/timeline.ts'
import { interleave } from './interleave.ts'
import { type Forward, type MarkReader, openMarks, readForward } from './read-forward.ts'
import { openSource, type Sink, type Source } from './source.ts'

/** Where each stream goes; null: nowhere. */
export type Sinks = Readonly<Record<Stream, Sink | null>>

const STREAMS = ['stdout', 'stderr'] as const

export interface Streams {
  readonly sinks: Sinks
  readonly marks: MarkReader
  /** Of a series, what is to be said between the bytes; null: nothing. */
  readonly runs: Runs | null
  readonly sources: Readonly<Record<Stream, Source>>
  /** Bytes in the files now. */
  readonly sizes: () => Sizes
  /** The stream that was copied less far than wanted, though its file has no more. */
  readonly findShort: (wanted: Sizes) => { readonly stream: Stream; readonly missing: number } | undefined
  readonly close: () => void
}

/** Told of a run's begin before its first byte is copied, of its end behind its last, and of fires that were missed. */
export type OnRun = (note: RunNote) => Promise<void>

interface Runs {
  readonly notes: Forward<RunNote>
  /** What came before these offsets is not told. */
  readonly from: Sizes
  readonly onRun: OnRun
  /** What has no offsets of its own is told where the note before it was. */
  isTelling: boolean
}

/** @throws ErrnoException when a file can't be opened */
export const openStreams = (paths: JobPaths, sinks: Sinks, from: Sizes, onRun?: OnRun): Streams => {
  const sources = { stdout: openSource(paths, 'stdout', from.stdout), stderr: openSource(paths, 'stderr', from.stderr) }
  const marks = openMarks(paths.timeline)
  return {
    sinks,
    marks,
    runs:
      onRun === undefined
        ? null
        : { notes: readForward(paths.runs, parseRuns), from, onRun, isTelling: isFromStart(from) },
    sources,
    sizes: () => ({ stdout: sources.stdout.size(), stderr: sources.stderr.size() }),
    findShort: (wanted) => {
      const stream = STREAMS.find((name) => sinks[name] !== null && sources[name].offset() < wanted[name])
      return stream === undefined ? undefined : { stream, missing: wanted[stream] - sources[stream].offset() }
    },
    close: () => {
      for (const source of [sources.stdout, sources.stderr]) source.close()
    },
  }
}

/** Copies up to these sizes. false: nobody reads any more. */
export const copyStreams = async (streams: Streams, upTo: Sizes): Promise<boolean> => {
  const { runs } = streams
  // The sizes were read before these notes, so that no byte of a run is shown before its note is seen.
  for (let note = runs?.notes.peek(); runs !== null && note !== undefined; note = runs.notes.peek()) {
    if (note.kind === 'begun' || note.kind === 'ended') {
      const { at } = note
      // What was written before it is not here yet.
      if (at.stdout > upTo.stdout || at.stderr > upTo.stderr) break
      if (!(await copyUpTo(streams, at))) return false
      runs.isTelling = at.stdout >= runs.from.stdout && at.stderr >= runs.from.stderr
    }
    if (runs.isTelling) await runs.onRun(note)
    runs.notes.skip()
  }
  return copyUpTo(streams, upTo)
}

const isFromStart = ({ stdout, stderr }: Sizes): boolean => stdout === 0 && stderr === 0

const copyUpTo = async ({ sinks, sources, marks }: Streams, upTo: Sizes): Promise<boolean> => {
  const { stdout, stderr } = sinks
  // A stream that is not shown has nothing to wait for.
  const from = {
    stdout: stdout === null ? upTo.stdout : sources.stdout.offset(),
    stderr: stderr === null ? upTo.stderr : sources.stderr.offset(),
  }
  for (const { stream, end } of interleave(from, upTo, marks)) {
    const sink = sinks[stream]
    if (sink !== null && !(await sources[stream].copyTo(sink, end))) return false
  }
  return true
}

/**
 * Copies what there is now, and no more.
 * @param to where to stop; null: where the files end
 * @returns false: nobody reads any more
 * @throws ErrnoException when a file can't be read
 */
export const copyPresent = async (
  paths: JobPaths,
  sinks: Sinks,
  from: Sizes,
  to: Sizes | null = null,
  onRun?: OnRun,
): Promise<boolean> => {
  const streams = openStreams(paths, sinks, from, onRun)
  try {
    return await copyStreams(streams, to ?? streams.sizes())
  } finally {
    streams.close()
  }
}
