/**
 * Copies what several jobs have, in the order in which it came: piece by piece, as their timelines say. A job's timeline is looked at
 * from the moment in which the job was made, and no file is held open between two pieces, so that thousands of jobs cost no descriptors.
 */
import { closeSync, openSync, statSync } from 'node:fs'
import type { Sizes } from '../domain/report.ts'
import { readKept } from '../spool/gaps.ts'
import type { JobPaths } from '../spool/layout.ts'
import { listPieces, type Merging, type Piece, type Step } from './list-pieces.ts'
import { BREATH, breathe, type Sink } from './source.ts'

const PIECE = 128 * 1024

interface Cursor<Job> {
  readonly job: Job
  readonly pieces: Generator<Step>
  readonly next: Step
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
  const skipped = new Map<string, number>()
  const add = (job: Job, pieces: Generator<Step>): boolean => {
    const { value, done } = pieces.next()
    if (done === true) return false
    // The few that are open at a time stay sorted, the next one last.
    const at = open.findIndex(({ next }) => next.time <= value.time)
    open.splice(at < 0 ? open.length : at, 0, { job, pieces, next: value })
    return true
  }
  for (let count = 1; !signal?.aborted; count++) {
    if (count % BREATH === 0) await breathe()
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
    if (!(await perform(job, next, piece, skipped))) return false
    if (!add(job, pieces) && !(await onCopied(job))) return false
  }
  return false
}

/** Bytes in the files now; none of what was removed. */
export const readSizesNow = (paths: JobPaths): Sizes => ({
  stdout: statSync(paths.stdout, { throwIfNoEntry: false })?.size ?? 0,
  stderr: statSync(paths.stderr, { throwIfNoEntry: false })?.size ?? 0,
})

/** @param skipped by file, where a gap ended that was told of: it may hide many pieces, and is told once */
const perform = async <Job extends Merging>(
  job: Job,
  step: Step,
  piece: Buffer,
  skipped: Map<string, number>,
): Promise<boolean> => {
  if ('note' in step) {
    const told: Promise<void> | undefined = job.onRun?.(step.note)
    await told
    return true
  }
  const sink = job.sinks[step.stream]
  return sink === null || copyPiece(job.paths, sink, step, piece, skipped)
}

const copyPiece = async (
  paths: JobPaths,
  sink: Sink,
  { stream, start, end }: Piece,
  piece: Buffer,
  skipped: Map<string, number>,
): Promise<boolean> => {
  const path = paths[stream]
  const fd = openOrGone(path)
  if (fd === undefined) return true
  try {
    for (let offset = Math.max(start, skipped.get(path) ?? 0); offset < end; ) {
      const { bytes, gap } = readKept(fd, piece, Math.min(PIECE, end - offset), offset, paths, stream)
      if (gap !== undefined) {
        if ((await sink.skip?.({ from: offset, to: gap.to })) === false) return false
        offset = gap.to
        skipped.set(path, offset)
        continue
      }
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
export const openOrGone = (path: string): number | undefined => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}
