/** Copies what both streams have, in the order in which it came. */
import type { Sizes } from '../domain/report.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { Stream } from '../spool/timeline.ts'
import { interleave } from './interleave.ts'
import { type MarkReader, openMarks } from './mark-reader.ts'
import { openSource, type Sink, type Source } from './source.ts'

/** Where each stream goes; null: nowhere. */
export type Sinks = Readonly<Record<Stream, Sink | null>>

const STREAMS = ['stdout', 'stderr'] as const

export interface Streams {
  readonly sinks: Sinks
  readonly marks: MarkReader
  readonly sources: Readonly<Record<Stream, Source>>
  /** Bytes in the files now. */
  readonly sizes: () => Sizes
  /** The stream that was copied less far than wanted, though its file has no more. */
  readonly findShort: (wanted: Sizes) => { readonly stream: Stream; readonly missing: number } | undefined
  readonly close: () => void
}

/** @throws ErrnoException when a file can't be opened */
export const openStreams = (paths: JobPaths, sinks: Sinks, from: Sizes): Streams => {
  const sources = { stdout: openSource(paths.stdout, from.stdout), stderr: openSource(paths.stderr, from.stderr) }
  const marks = openMarks(paths.timeline)
  return {
    sinks,
    marks,
    sources,
    sizes: () => ({ stdout: sources.stdout.size(), stderr: sources.stderr.size() }),
    findShort: (wanted) => {
      const stream = STREAMS.find((name) => sinks[name] !== null && sources[name].offset() < wanted[name])
      return stream === undefined ? undefined : { stream, missing: wanted[stream] - sources[stream].offset() }
    },
    close: () => {
      for (const source of [sources.stdout, sources.stderr, marks]) source.close()
    },
  }
}

/** Copies up to these sizes. false: nobody reads any more. */
export const copyStreams = async ({ sinks, sources, marks }: Streams, upTo: Sizes): Promise<boolean> => {
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

/** Copies what there is now, and no more. false: nobody reads any more. @throws ErrnoException when a file can't be read */
export const copyPresent = async (paths: JobPaths, sinks: Sinks, from: Sizes): Promise<boolean> => {
  const streams = openStreams(paths, sinks, from)
  try {
    return await copyStreams(streams, streams.sizes())
  } finally {
    streams.close()
  }
}
