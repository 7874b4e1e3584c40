/** Moves that end a job: first its outcome is known, then its output is fetched, then both are published, then the remote is cleaned. */
import { retryLater } from './connecting.ts'
import type { Effect } from './events.ts'
import type { Job } from './job.ts'
import { type Outcome, outcomeOfStatus } from './outcome.ts'
import type { ExitRecord, Report, Sizes } from './report.ts'
import { endsWithLink } from './spec.ts'
import { next, type Terms, type Transition } from './transition.ts'

/** The command ended by itself or by a signal, and left a record. */
export const finish = (job: Job, record: ExitRecord, { spec }: Terms): Transition => {
  const stopped = job.intent.kind === 'stop' && job.signals.some(({ sent }) => sent !== null)
  const by = record.why === 'exit' && stopped ? 'kill' : record.why
  // A series' status is that of the last run that was not good: it was one of them that a signal may have ended.
  const outcome: Outcome =
    spec.series === null ? outcomeOfStatus(record.status) : { kind: 'exited', code: record.status & 255 }
  const ending = { outcome, by, record, sizes: record.sizes }
  return next({ ...job, ending }, { type: 'cancel', timer: 'look' }, ...fetch(record.sizes ?? 'end'))
}

/** There is no record: the outcome is what can be said for certain. */
export const conclude = (job: Job, outcome: Outcome, upTo: Sizes | 'now'): Transition => {
  const ending = { outcome, by: null, record: null, sizes: upTo === 'now' ? null : upTo }
  return next({ ...job, ending }, { type: 'cancel', timer: 'retry' }, { type: 'cancel', timer: 'look' }, ...fetch(upTo))
}

/** The job's directory is not there: what its followers may still read out of deleted files comes too late, and there is nothing to remove. */
export const concludeGone = (job: Job): Transition => {
  const { ending } = conclude(
    job,
    { kind: 'unknown', reason: 'directory_gone', evidence: 'it is not there' },
    'now',
  ).job
  const gone: Job = { ...job, ending, link: { ...job.link, status: 'down' } }
  return next(gone, { type: 'cancel', timer: 'look' }, { type: 'disconnect' }, { type: 'drain', upTo: 'now' })
}

/** A link that finds the job ended has not followed its output yet. */
const fetch = (upTo: Sizes | 'end' | 'now'): readonly Effect[] =>
  typeof upTo === 'string' ? [{ type: 'drain', upTo }] : [{ type: 'follow' }, { type: 'drain', upTo }]

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString()

/** Whatever is to be had of the output is in the spool. */
export const publish = (job: Job, sizes: Sizes, terms: Terms): Transition => {
  const { ending } = job
  if (ending === null) return next(job)
  const ended: Job = {
    ...job,
    phase: 'ended',
    sizes,
    // All of it is here, so there was room; if there is none for this, the save says so.
    disk: null,
    startTime: ending.record === null ? job.startTime : isoTime(ending.record.start),
    endTime: ending.record === null ? terms.now : isoTime(ending.record.end),
  }
  const reason = ending.outcome.kind === 'unknown' ? ending.outcome.reason : null
  if (isLeftThere(ended)) return settle(ended)
  const isDown = job.link.status !== 'up'
  const nothingThere =
    reason === 'disconnected' || (isDown && (reason === 'directory_gone' || !(job.prepared || job.doubtful)))
  if (nothingThere) return settle({ ...ended, collected: true })
  // It certainly never began, and what may be left of it there is still to be removed.
  if (isDown) return retryLater(ended, job.link.fault ?? { code: 'lost', evidence: 'no try has ended' }, terms)
  return next(ended, { type: 'cancel', timer: 'grace' }, { type: 'save' }, { type: 'collect' })
}

/** What the remote has of it is left as it is: a command may run there, or there is a record that nobody could read. */
export const isLeftThere = ({ ending }: Job): boolean =>
  ending?.outcome.kind === 'unknown' && ['gave_up', 'record_unreadable'].includes(ending.outcome.reason)

/**
 * A new link of an ended job, whose output may not be whole any more: a power cut takes what was not yet durable. The remote still has it,
 * since it is removed only when what is here was compared and made durable.
 */
export const fetchAgain = (job: Job, report: Report, { spec }: Terms): Transition => {
  if (report.kind === 'unreadable') return settle(job, keptThere(report.text))
  const isStored = report.kind !== 'gone' && report.kind !== 'absent' && !endsWithLink(spec)
  if (!isStored || job.sizes === null) return next(job, { type: 'collect' })
  return next(job, { type: 'follow' }, { type: 'drain', upTo: job.sizes })
}

export const keptThere = (evidence: string): Effect => ({
  type: 'note',
  text: `the remote's files are kept: ${evidence}`,
})

/** Nothing more is to be done: the link is ended, and the chaperone leaves. */
export const settle = (job: Job, ...before: readonly Effect[]): Transition =>
  next(
    // Nobody will be here to say that there is room again.
    { ...job, disk: null, link: { ...job.link, status: 'closed', nextTry: null } },
    ...before,
    { type: 'disconnect' },
    { type: 'save' },
    { type: 'leave' },
  )
