/** The file `gaps` of a job: what of its output is not kept. It says so before the bytes are gone. */
import { readFileSync, readSync, statSync } from 'node:fs'
import { type Gap, type Gaps, parseGaps } from '../domain/gaps.ts'
import type { JobPaths } from './layout.ts'
import type { Stream } from './timeline.ts'

const NONE: Gaps = {}

/** None of a job that keeps all, or was removed meanwhile. */
export const readGaps = ({ gaps }: Pick<JobPaths, 'gaps'>): Gaps => {
  // Asked for with each piece that is read, and there is hardly ever one.
  if (statSync(gaps, { throwIfNoEntry: false }) === undefined) return NONE
  try {
    return parseGaps(readFileSync(gaps, 'latin1'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NONE
    throw error
  }
}

/** bytes 0: there are no more now. gap: what was asked for begins in it; go on behind. */
export interface ReadKept {
  readonly bytes: number
  readonly gap?: Gap
}

/**
 * Reads a stream's bytes from `offset` on, and never zeros that stand for what is not kept.
 * @throws ErrnoException when the file can't be read
 */
export const readKept = (
  fd: number,
  piece: Buffer,
  length: number,
  offset: number,
  paths: Pick<JobPaths, 'gaps'>,
  stream: Stream,
): ReadKept => {
  const bytes = readSync(fd, piece, 0, length, offset)
  // Behind the read: a gap is said before it is made.
  const gap = readGaps(paths)[stream]
  if (gap === undefined || offset >= gap.to || offset < gap.from)
    return { bytes: gap === undefined || offset >= gap.to ? bytes : Math.min(bytes, gap.from - offset) }
  return { bytes: 0, gap }
}
