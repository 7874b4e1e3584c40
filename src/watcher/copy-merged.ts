/**
 * Copies what several jobs have, in the order in which it came: piece by piece, as their timelines say. A job's timeline is looked at
 * from the moment in which the job was made, and no file is held open between two pieces, so that thousands of jobs cost no descriptors.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { Sizes } from '../domain/report.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { Stream } from '../spool/timeline.ts'
import type { Sinks } from './copy-streams.ts'
import { openMarks } from './read-forward.ts'
import type { Sink } from './source.ts'

const PIECE = 128 * 1024
const STREAMS = ['stdout', 'stderr'] as const

export interface Merging {
  readonly paths: JobPaths
  readonly sinks: Sinks
  readonly from: Sizes
  /** Milliseconds since the epoch: nothing of it is older. */
  readonly created: number
}

interface Piece {
  /** When the last byte of it came, in milliseconds since the epoch. */
  readonly time: number
  readonly stream: Stream
  readonly start: number
  readonly end: number
}

interface Cursor<Job> {
  readonly job: Job
  readonly pieces: Generator<Piece>
  readonly next: Piece
}

/**
 * @param upTo where each job's files ended, by readSizesNow: what comes later is not copied
 * @param onCopied called when all of a job is copied. false: nobody reads any more
 * @returns false: nobody reads any more, or it was stopped
 */
export const copyMerged = async <Job extends Merging>(
  jobs: readonly Job[],
  upTo: ReadonlyMap<Job, Sizes>,
  onCopied: (job: Job) => Promise<boolean>,
  signal?: AbortSignal,
): Promise<boolean> => {
  const waiting = jobs.toSorted((a, b) => b.created - a.created)
  const open: Cursor<Job>[] = []
  const piece = Buffer.allocUnsafeSlow(PIECE)
  const add = (job: Job, pieces: Generator<Piece>): boolean => {
    const { value, done } = pieces.next()
    if (done === true) return false
    // The few that are open at a time stay sorted, the next one last.
    const at = open.findIndex(({ next }) => next.time <= value.time)
    open.splice(at < 0 ? open.length : at, 0, { job, pieces, next: value })
    return true
  }
  while (!signal?.aborted) {
    const first = open.at(-1)
    const later = waiting.at(-1)
    if (later !== undefined && (first === undefined || later.created <= first.next.time)) {
      waiting.pop()
      if (!add(later, listPieces(later, upTo.get(later) ?? later.from)) && !(await onCopied(later))) return false
      continue
    }
    if (first === undefined) return true
    open.pop()
    const { job, pieces, next } = first
    const sink = job.sinks[next.stream]
    if (sink !== null && !(await copyPiece(job.paths[next.stream], sink, next, piece))) return false
    if (!add(job, pieces) && !(await onCopied(job))) return false
  }
  return false
}

/** Bytes in the files now; none of what was removed. */
export const readSizesNow = (paths: JobPaths): Sizes => ({
  stdout: statSync(paths.stdout, { throwIfNoEntry: false })?.size ?? 0,
  stderr: statSync(paths.stderr, { throwIfNoEntry: false })?.size ?? 0,
})

function* listPieces({ paths, from, sinks }: Merging, upTo: Sizes): Generator<Piece> {
  const done: Record<Stream, number> = { ...from }
  const isOver = (): boolean => STREAMS.every((name) => sinks[name] === null || done[name] >= upTo[name])
  const marks = openMarks(paths.timeline)
  for (let mark = marks.peek(); mark !== undefined && !isOver(); mark = marks.peek()) {
    const { stream, time } = mark
    const end = Math.min(mark.size, upTo[stream])
    if (end > done[stream]) yield { time, stream, start: done[stream], end }
    done[stream] = Math.max(done[stream], end)
    marks.skip()
  }
  // What has no mark yet came when the file was last written to.
  for (const stream of STREAMS) {
    if (done[stream] >= upTo[stream]) continue
    const time = statSync(paths[stream], { throwIfNoEntry: false })?.mtimeMs ?? 0
    yield { time, stream, start: done[stream], end: upTo[stream] }
  }
}

const copyPiece = async (path: string, sink: Sink, { start, end }: Piece, piece: Buffer): Promise<boolean> => {
  const fd = openOrGone(path)
  if (fd === undefined) return true
  try {
    for (let offset = start; offset < end; ) {
      const bytes = readSync(fd, piece, 0, Math.min(PIECE, end - offset), offset)
      if (bytes === 0) return true
      offset += bytes
      if (!(await sink.write(piece.subarray(0, bytes)))) return false
    }
    return true
  } finally {
    closeSync(fd)
  }
}

/** undefined: the job was removed meanwhile. */
const openOrGone = (path: string): number | undefined => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}
