/** A job as its chaperone knows it. */
import type { Fault } from './fault.ts'
import { type EndedBy, exitStatusOf, type Outcome } from './outcome.ts'
import type { Begun, ExitRecord, Sizes } from './report.ts'
import type { Signal } from './signals.ts'
import type { Asker } from './spec.ts'

/** launching: not known to have begun. running: begun, and a link stands. reconnecting: begun, and none does. */
export type Phase = 'launching' | 'running' | 'reconnecting' | 'ended'

/** What is wanted, apart from what is: a kill asked while the host is out of reach is not forgotten. */
export type Intent =
  | { readonly kind: 'run' }
  | {
      readonly kind: 'stop'
      readonly signal: Signal
      readonly grace: number
      readonly by: Asker
      readonly time: string
    }

/** A signal that was asked for, and when it was delivered: null while it waits for a link. */
export interface SentSignal {
  readonly signal: Signal
  readonly by: Asker
  readonly asked: string
  readonly sent: string | null
}

export interface LinkState {
  readonly status: 'connecting' | 'up' | 'down' | 'closed'
  /** Number of the newest link; it only grows, and a newer link ends what an older one left behind. */
  readonly generation: number
  /** Failures since a link last stood. */
  readonly attempts: number
  readonly lastContact: string | null
  readonly lostAt: string | null
  /** Seconds for which chaperones tried to get the command begun: counted, so that no clock's jump matters, where there is a limit. */
  readonly tried: number
  readonly nextTry: string | null
  readonly fault: Fault | null
}

/** How the command ended, once that is known. */
export interface Ending {
  readonly outcome: Outcome
  readonly by: EndedBy | null
  /** null where the remote keeps no record. */
  readonly record: ExitRecord | null
  /** Bytes to be fetched; null: as many as came. */
  readonly sizes: Sizes | null
}

/** How much of its stdin somebody has. */
export interface Fed {
  readonly size: number
  /** And no more is to come. */
  readonly eof: boolean
}

/** What was accepted. */
export interface Input extends Fed {
  /** Bytes that its machine has. Whether the command has read them nobody knows. */
  readonly delivered: number
  /** The request that was counted last: asked again, it is only answered. */
  readonly last: string | null
}

export interface Job {
  readonly phase: Phase
  readonly intent: Intent
  readonly begun: Begun | null
  /** The job's directory is kept on the remote, whatever becomes of links: the launch may be asked for. */
  readonly prepared: boolean
  /** It may be kept all the same: a link that was to have it prepared was lost. Nothing was launched, but it is to be removed. */
  readonly doubtful: boolean
  readonly link: LinkState
  readonly signals: readonly SentSignal[]
  /** Known, but not published before the output is complete: `ended` is a promise that all of it is there. */
  readonly ending: Ending | null
  /** Bytes in the spool's streams at the end. */
  readonly sizes: Sizes | null
  /** The remote's directory is removed, or there is none. */
  readonly collected: boolean
  readonly startTime: string | null
  readonly endTime: string | null
  /** What is wrong with the disk that the spool is on. While it is full no output is fetched, and nothing is lost. */
  readonly disk: Fault | null
  /** What its stdin got after the start; null: nothing was sent. */
  readonly input: Input | null
}

export const newJob: Job = {
  phase: 'launching',
  intent: { kind: 'run' },
  begun: null,
  prepared: false,
  doubtful: false,
  link: {
    status: 'down',
    generation: 0,
    attempts: 0,
    lastContact: null,
    lostAt: null,
    tried: 0,
    nextTry: null,
    fault: null,
  },
  signals: [],
  ending: null,
  sizes: null,
  collected: false,
  startTime: null,
  endTime: null,
  disk: null,
  input: null,
}

/** Is this the outcome to show? Before the phase is `ended` it is not public. */
export const outcomeOf = (job: Job): Outcome | null => (job.phase === 'ended' ? (job.ending?.outcome ?? null) : null)

/** What made the command end; null before the end, and where that is not known. */
export const endedBy = (job: Job): EndedBy | null => (job.phase === 'ended' ? (job.ending?.by ?? null) : null)

/** The status that those exit with who waited for its end; null before that. */
export const exitStatusOfJob = (job: Job): number | null => {
  const outcome = outcomeOf(job)
  return outcome === null ? null : exitStatusOf(outcome, endedBy(job))
}

/** Ended, and no link is needed any more. */
export const isClosed = ({ phase, link }: Job): boolean => phase === 'ended' && link.status === 'closed'
