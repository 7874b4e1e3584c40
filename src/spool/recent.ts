/**
 * `recent.json`: a note that a reader of many jobs leaves for the next one. It names those that were not over since long; the next reader looks at no
 * other. It holds for one moment of the jobs' directory, which the system's own time of its last change tells: no name has come or gone since. So no lock
 * is needed, and a note of another moment, half a note or none only means to look at all.
 */
import { type BigIntStats, statSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { writeHint } from './atomic.ts'
import { isJobId, jobsDir } from './layout.ts'
import { readRecord } from './read-record.ts'
import { FORMAT } from './schema.ts'

const recentRecord = v.object({
  format: v.literal(FORMAT),
  /** The jobs' directory as it was. */
  moment: v.string(),
  /** Milliseconds since the epoch: all jobs but these were over before, and will not change. */
  since: v.number(),
  jobs: v.array(v.pipe(v.string(), v.check(isJobId))),
})

export interface Moment {
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly time: number
}

const pathOf = (spool: string): string => join(spool, 'recent.json')

/** @throws ErrnoException: ENOENT where there is no spool */
export const momentOf = (spool: string): Moment => {
  // ctime, which no program can set; in nanoseconds.
  const { ino, ctimeNs }: BigIntStats = statSync(jobsDir(spool), { bigint: true })
  return { text: `${ino}:${ctimeNs}`, time: Number(ctimeNs / 1_000_000n) }
}

/** Ids, among which are all jobs that are not over, or were not before `since`; undefined: it is not known. */
export const readRecent = (spool: string, { text }: Moment, since: number): readonly string[] | undefined => {
  const note = readNote(spool)
  return note?.moment === text && note.since <= since ? note.jobs : undefined
}

const readNote = (spool: string): v.InferOutput<typeof recentRecord> | undefined => {
  try {
    const read = readRecord(pathOf(spool), recentRecord)
    return read.ok ? read.value : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return undefined // nobody needs it
  }
}

/** Milliseconds in which a second change may have the time of the first: clocks of file systems are that coarse. */
const COARSE_MS = 2_000

/**
 * @param moment before the jobs were looked at
 * @param now milliseconds since the epoch
 */
export const noteRecent = (
  spool: string,
  moment: Moment,
  now: number,
  since: number,
  jobs: readonly string[],
): void => {
  if (now - moment.time < COARSE_MS) return
  writeHint(pathOf(spool), `${JSON.stringify({ format: FORMAT, moment: moment.text, since, jobs })}\n`)
}
