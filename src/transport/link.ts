/** A link: one live connection of a job, as its chaperone sees it. */
import type { Fault } from '../domain/fault.ts'
import type { Fed } from '../domain/job.ts'
import type { Report, Sizes } from '../domain/report.ts'
import type { Signal } from '../domain/signals.ts'

export interface Link {
  /** Has the job's directory kept there, also when this link ends before anything is launched in it. */
  readonly prepare: () => Promise<Report>
  /** Launches the command, unless it was launched before. */
  readonly launch: () => Promise<Report>
  /** Carries a signal to the command's group. sent: somebody was there to get it. isStop: a series has no further fire. */
  readonly signal: (signal: Signal, isStop: boolean) => Promise<{ readonly sent: boolean; readonly report: Report }>
  readonly look: () => Promise<Report>
  /**
   * Has a series go on whose supervisor is dead; or end, where it was stopped.
   * @param have what was fetched of it: it may be more than a power cut left there
   * @param reached the highest number of a fire that was noted: it is never run again
   */
  readonly goOn: (have: Sizes, reached: number) => Promise<Report>
  /** Has the streams written to the spool from these offsets on. Where the launcher's recorders do that, nothing. */
  readonly follow: (from: Sizes) => void
  /** Has the launcher get more of stdin, up to this; the listener hears what it has. Where nothing is stored, nothing. */
  readonly feed: (wanted: Fed) => void
  /** Have the streams ended by themselves? Only where the remote stores no output; else the sizes tell. */
  readonly streamsEnded: () => boolean
  /**
   * Sees whether the network still takes what was asked; where it does not, the link is lost.
   * @param asks there is reason to ask something, where nothing is asked already
   * @returns is an answer awaited?
   */
  readonly listen: (asks: boolean) => boolean
  /** Renews the lease. */
  readonly beat: () => Promise<void>
  /** Removes everything of the job there. @returns whether it is gone */
  readonly discard: () => Promise<boolean>
  /** Ends the link; when this is over no process of it is left here, and nothing more is written to the spool. */
  readonly close: () => Promise<void>
}

export interface LinkListener {
  /** The launcher said so by itself. */
  readonly onReport: (report: Report) => void
  /** The launcher has so much of stdin. */
  readonly onFed: (has: Fed) => void
  /** Any part of the link failed. Said once; requests under way are never answered then. */
  readonly onLost: (fault: Fault) => void
  /** ssh's own words, or a hop's. */
  readonly onWords: (line: string) => void
}

export type Opened =
  | { readonly ok: true; readonly link: Link; readonly report: Report }
  | { readonly ok: false; readonly fault: Fault }

/**
 * Opens link number `generation`. Never rejects for what a network, a server or ssh can do.
 * @param isKnown the job's directory was there before
 * @param signal gives it up: then it is over when no process of it is left here
 */
export type OpenLink = (
  generation: number,
  isKnown: boolean,
  listener: LinkListener,
  signal: AbortSignal,
) => Promise<Opened>
