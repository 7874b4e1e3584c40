/**
 * What happened to a job, one event for each change, for whoever listens; not what its machine takes (events.ts). Pure: `tellChanges` says
 * what a job's state holds that was not told yet, and what was told can be read back from the events themselves. So a new chaperone
 * tells what a dead one could not, and nothing twice. Fields have the names that they have on disk.
 */
import type { Delivery } from './callback.ts'
import type { CallbackFault } from './callback-reply.ts'
import type { Fault, FaultCode } from './fault.ts'
import { endedBy, exitStatusOfJob, type Job, outcomeOf } from './job.ts'
import type { EndedBy, Outcome } from './outcome.ts'
import type { Sizes } from './report.ts'
import type { Signal } from './signals.ts'
import type { Asker } from './spec.ts'

export type JobEvent =
  | { readonly event: 'created' }
  /** A new chaperone took the job up: number so many. */
  | { readonly event: 'recovered'; readonly chaperone: number }
  | { readonly event: 'started'; readonly pid: number | null; readonly start_time: string | null }
  /** A try to connect failed: the first since a link stood, or one for another reason than the last. */
  | { readonly event: 'connect_failed'; readonly attempt: number; readonly fault: Fault }
  | { readonly event: 'link_lost'; readonly lost_at: string; readonly fault: Fault | null }
  | { readonly event: 'link_restored' }
  | { readonly event: 'disk_full'; readonly fault: Fault }
  | { readonly event: 'disk_free' }
  /** number: which of the job's signals, from 1. */
  | {
      readonly event: 'signal_asked'
      readonly number: number
      readonly signal: Signal
      readonly by: Asker
      readonly asked: string
    }
  | { readonly event: 'signal_sent'; readonly number: number; readonly signal: Signal; readonly sent: string }
  | {
      readonly event: 'ended'
      readonly outcome: Outcome
      readonly exit_status: number | null
      readonly ended_by: EndedBy | null
      readonly end_time: string | null
      readonly sizes: Sizes | null
    }
  /** Nothing of the job is left on the remote. */
  | { readonly event: 'collected' }
  | ({ readonly event: 'on_exit_ended' } & OnExitEnd)
  /** The callback's receiver has all of it; or it was given up, until somebody asks for another try. */
  | { readonly event: 'delivered' }
  | { readonly event: 'undelivered'; readonly fault: CallbackFault | null }

/**
 * How the command of --on-exit ended. timed_out: chap killed it. failed: it could not be started. unknown: whoever ran it died; it may
 * have done its work, or a part of it, and is not run again.
 */
export interface OnExitEnd {
  readonly result: 'exited' | 'killed' | 'timed_out' | 'failed' | 'unknown'
  readonly exit_status: number | null
  readonly signal: string | null
  /** The system's words, of one that failed. */
  readonly message: string | null
}

/** What the events up to now say. */
export interface Told {
  readonly kinds: ReadonlySet<JobEvent['event']>
  readonly chaperone: number
  /** Of the last link that was lost. */
  readonly lostAt: string | null
  readonly isLost: boolean
  /** Why the last try failed that was told of; null: a link stood since. */
  readonly failure: FaultCode | null
  readonly isFull: boolean
  readonly asked: number
  readonly sent: ReadonlySet<number>
}

export const nothingTold: Told = {
  kinds: new Set(),
  chaperone: 1,
  lostAt: null,
  isLost: false,
  failure: null,
  isFull: false,
  asked: 0,
  sent: new Set(),
}

export const hearEvent = (before: Told, event: JobEvent): Told => {
  const told = { ...before, kinds: new Set([...before.kinds, event.event]) }
  switch (event.event) {
    case 'recovered':
      return { ...told, chaperone: event.chaperone }
    case 'connect_failed':
      return { ...told, failure: event.fault.code }
    case 'link_lost':
      return { ...told, lostAt: event.lost_at, isLost: true, failure: event.fault?.code ?? null }
    case 'link_restored':
      return { ...told, isLost: false, failure: null }
    case 'started':
      return { ...told, failure: null }
    case 'disk_full':
    case 'disk_free':
      return { ...told, isFull: event.event === 'disk_full' }
    case 'signal_asked':
      return { ...told, asked: Math.max(told.asked, event.number) }
    case 'signal_sent':
      return { ...told, sent: new Set([...told.sent, event.number]) }
    default:
      return told
  }
}

/**
 * What is to be told, in order.
 * @param job as it is on disk
 * @param owner the number of the chaperone that owns it
 */
export const tellChanges = (told: Told, job: Job, owner: number): JobEvent[] => [
  ...once(told, 'created', { event: 'created' }),
  ...(owner > told.chaperone ? [{ event: 'recovered', chaperone: owner } as const] : []),
  ...(job.begun === null
    ? []
    : once(told, 'started', { event: 'started', pid: job.begun.pid, start_time: job.startTime })),
  ...tellLink(told, job),
  ...tellDisk(told, job),
  ...tellSignals(told, job),
  ...tellEnd(told, job),
]

const once = (told: Told, kind: JobEvent['event'], event: JobEvent): JobEvent[] => (told.kinds.has(kind) ? [] : [event])

/** What became of its callback. That it was given up is told once, whoever has it tried again in vain. */
export const tellDelivery = (
  told: Told,
  { completed, givenUp, fault }: Pick<Delivery, 'completed' | 'givenUp' | 'fault'>,
): JobEvent[] => {
  if (completed) return once(told, 'delivered', { event: 'delivered' })
  return givenUp ? once(told, 'undelivered', { event: 'undelivered', fault }) : []
}

const tellLink = (told: Told, { link, begun }: Job): JobEvent[] => {
  const { status, fault, lostAt, attempts } = link
  const isNews = lostAt !== null && lostAt !== told.lostAt
  const lost: JobEvent[] = isNews ? [{ event: 'link_lost', lost_at: lostAt, fault }] : []
  if (status === 'up') return told.isLost || isNews ? [...lost, { event: 'link_restored' }] : lost
  // Whatever was told before the command began is forgotten with its beginning.
  const begins = begun !== null && !told.kinds.has('started')
  const failure = isNews ? (fault?.code ?? null) : begins ? null : told.failure
  const isFailing = status === 'down' && fault !== null && fault.code !== failure
  return isFailing ? [...lost, { event: 'connect_failed', attempt: attempts, fault }] : lost
}

const tellDisk = (told: Told, { disk }: Job): JobEvent[] => {
  if ((disk !== null) === told.isFull) return []
  return [disk === null ? { event: 'disk_free' } : { event: 'disk_full', fault: disk }]
}

const tellSignals = (told: Told, { signals }: Job): JobEvent[] =>
  signals.flatMap(({ signal, by, asked, sent }, index): JobEvent[] => {
    const number = index + 1
    return [
      ...(number > told.asked ? [{ event: 'signal_asked', number, signal, by, asked } as const] : []),
      ...(sent !== null && !told.sent.has(number) ? [{ event: 'signal_sent', number, signal, sent } as const] : []),
    ]
  })

const tellEnd = (told: Told, job: Job): JobEvent[] => {
  const outcome = outcomeOf(job)
  if (outcome === null) return []
  const { endTime, sizes, collected } = job
  return [
    ...once(told, 'ended', {
      event: 'ended',
      outcome,
      exit_status: exitStatusOfJob(job),
      ended_by: endedBy(job),
      end_time: endTime,
      sizes,
    }),
    ...(collected ? once(told, 'collected', { event: 'collected' }) : []),
  ]
}
