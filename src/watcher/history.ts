/** What did not end well: jobs, runs of a series, and what is kept of those that were removed. */
import { readFileSync } from 'node:fs'
import { endedBy, exitStatusOfJob, outcomeOf } from '../domain/job.ts'
import { isLimit, outcomeOfStatus } from '../domain/outcome.ts'
import type { Spec } from '../domain/spec.ts'
import {
  appendHistory,
  type HistoryRecord,
  isHistoryFull,
  readHistory,
  turnHistoryOver,
} from '../spool/history-file.ts'
import type { JobPaths } from '../spool/layout.ts'
import { parseRuns, type RunNote } from '../spool/runs.ts'
import { isNoRoom } from '../spool/spare.ts'
import { listJobs } from './find-jobs.ts'
import type { JobView } from './job-view.ts'
import { removeJob } from './remove-jobs.ts'

/** kept: the job itself was removed. */
export type HistoryEntry = HistoryRecord & { readonly kept: boolean }

/** Newest last. @param now milliseconds since the epoch */
export const listHistory = (spool: string, now: number): HistoryEntry[] => {
  const entries = new Map<string, HistoryEntry>()
  // Where a removal was cut short, the job is still there and has the last word.
  for (const record of readHistory(spool)) entries.set(keyOf(record), { ...record, kept: true })
  for (const view of listJobs(spool, now))
    for (const record of endsOf(view)) entries.set(keyOf(record), { ...record, kept: false })
  return [...entries.values()].sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
}

/** An id may be given again; with the nonce it is one job's. */
const keyOf = ({ job, nonce, run, how }: HistoryRecord): string =>
  `${job} ${nonce} ${run ?? ''} ${run === null ? '' : how}`

/** What is not well of one job, runs before the job. */
const endsOf = ({ spec, state, paths }: JobView): HistoryRecord[] => {
  if (!spec.ok) return []
  const runs = endsOfRuns(spec.value, readRuns(paths))
  if (!state.ok) return runs
  const { job, updated } = state.value
  const outcome = outcomeOf(job)
  if (outcome === null || (outcome.kind === 'exited' && outcome.code === 0)) return runs
  const by = endedBy(job)
  const how = isLimit(by) || by === 'lease' ? by : outcome.kind
  const detail =
    outcome.kind === 'refused' || outcome.kind === 'unknown'
      ? outcome.reason
      : outcome.kind === 'signaled'
        ? outcome.signal
        : null
  return [
    ...runs,
    { ...headOf(spec.value), time: job.endTime ?? updated, run: null, how, detail, exit_status: exitStatusOfJob(job) },
  ]
}

const headOf = ({
  id,
  nonce,
  name,
  host,
  program,
}: Spec): Omit<HistoryRecord, 'time' | 'run' | 'how' | 'detail' | 'exit_status'> => ({
  format: 1,
  job: id,
  nonce,
  name,
  host,
  argv: program.argv === undefined ? null : [...program.argv],
  command: program.command ?? null,
})

type RunEnd = Pick<HistoryRecord, 'run' | 'how' | 'detail' | 'exit_status'>

const endsOfRuns = (spec: Spec, notes: readonly RunNote[]): HistoryRecord[] => {
  const head = headOf(spec)
  // What has no time of its own happened after what stands before it.
  let time = spec.created.time
  return notes.flatMap((note) => {
    if (note.kind === 'begun') time = new Date(note.start * 1000).toISOString()
    if (note.kind === 'ended') time = new Date(note.end * 1000).toISOString()
    const end = endOfRun(note)
    return end === null ? [] : [{ ...head, time, ...end }]
  })
}

/** null: all is well. */
const endOfRun = (note: RunNote): RunEnd | null => {
  switch (note.kind) {
    case 'begun':
      return null
    case 'ended': {
      if (note.status === 0) return null
      const outcome = outcomeOfStatus(note.status)
      return {
        run: note.run,
        how: note.why === 'exit' ? outcome.kind : note.why,
        detail: outcome.kind === 'signaled' ? outcome.signal : null,
        exit_status: note.status & 255,
      }
    }
    case 'missed': {
      const detail = note.from === note.to ? note.why : `${note.why}, up to ${note.to}`
      return { run: note.from, how: 'missed', detail, exit_status: null }
    }
    case 'lost':
      return { run: note.run, how: 'lost', detail: note.why, exit_status: null }
  }
}

const readRuns = (paths: JobPaths): RunNote[] => {
  try {
    return parseRuns(readFileSync(paths.runs, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/**
 * Removes a job; what did not end well of it is in the history before that. On a full disk it comes behind: the removal makes the room for it.
 * @returns whether it was there @throws ErrnoException for what the system refuses
 */
export const retireJob = async (spool: string, view: JobView): Promise<boolean> => {
  const ends = endsOf(view)
  if (ends.length === 0) return removeJob(spool, view.paths)
  if (isHistoryFull(spool)) {
    const { withLock } = await import('../spool/lock.ts')
    await withLock(spool, async () => turnHistoryOver(spool))
  }
  try {
    appendHistory(spool, ends)
  } catch (error) {
    if (!isNoRoom(error)) throw error
    const isRemoved = removeJob(spool, view.paths)
    appendHistory(spool, ends)
    return isRemoved
  }
  return removeJob(spool, view.paths)
}
