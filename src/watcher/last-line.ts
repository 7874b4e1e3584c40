/** The last thing that a job has said: one line, from the end of what it wrote last. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { readGaps } from '../spool/gaps.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { Stream } from '../spool/timeline.ts'

/** Bytes that are looked at, however long the output is: more than any terminal is wide. */
const TAIL = 4_096
const NEWLINE = 10

export interface LastLine {
  /** As it was written, control characters and all; empty: it said nothing, or its end is blank. */
  readonly text: string
  /** More of it may come. */
  readonly isOpen: boolean
}

export const readLastLine = (paths: Pick<JobPaths, Stream | 'gaps'>): LastLine => {
  const written = (['stdout', 'stderr'] as const)
    .map((stream) => ({ stream, stats: statSync(paths[stream], { throwIfNoEntry: false }) }))
    .filter(({ stats }) => stats !== undefined && stats.size > 0)
    .sort((a, b) => (b.stats?.mtimeMs ?? 0) - (a.stats?.mtimeMs ?? 0))
  const [newest] = written
  if (newest === undefined) return { text: '', isOpen: false }
  const { bytes, end } = readTail(paths[newest.stream])
  // Behind the read: a gap is said before it is made.
  const first = readGaps(paths)[newest.stream]?.to ?? 0
  return lastLineOf(bytes.subarray(Math.max(0, bytes.length - Math.max(0, end - first))))
}

/** end: where they end in the file. */
const readTail = (path: string): { readonly bytes: Buffer; readonly end: number } => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return { bytes: Buffer.alloc(0), end: 0 } // removed meanwhile
  }
  try {
    const { size } = fstatSync(fd)
    const tail = Buffer.alloc(Math.min(size, TAIL))
    const bytes = tail.subarray(0, readSync(fd, tail, 0, tail.length, size - tail.length))
    return { bytes, end: size - tail.length + bytes.length }
  } finally {
    closeSync(fd)
  }
}

/** A progress bar writes over its line again and again: what stands there now is the last of it. */
export const lastLineOf = (tail: Buffer): LastLine => {
  // A character that begins before the tail can't be read.
  const begin = tail.findIndex((byte) => (byte & 0xc0) !== 0x80)
  const text = tail.subarray(Math.max(0, begin)).toString()
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  return { text: lines.at(-1) ?? '', isOpen: tail.at(-1) !== NEWLINE }
}
