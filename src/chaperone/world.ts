/** Everything that a chaperone touches: the real one is in real-world.ts, and a simulation can be another. */
import type { Answer } from '../domain/events.ts'
import type { InputRequest } from '../domain/input.ts'
import type { Job } from '../domain/job.ts'
import type { Sizes } from '../domain/report.ts'
import type { Request, Spec } from '../domain/spec.ts'
import type { OpenLink } from '../transport/link.ts'
import type { Progress } from './central-log.ts'

/**
 * gone: the job's files were deleted. superseded: another chaperone owns the job. blocked: try again later, and why. full: the same,
 * since the disk is.
 */
export type Written = 'written' | 'gone' | 'superseded' | { readonly blocked: string } | { readonly full: string }

export interface World {
  readonly spec: Spec
  /** Milliseconds since the epoch, for records only. */
  readonly now: () => number
  /** In [0, 1). */
  readonly random: () => number
  /** Calls back once after so many milliseconds by a clock that doesn't jump; returns how to cancel. */
  readonly after: (ms: number, callback: () => void) => () => void
  /** Writes the state durably; on a full disk only one that says so, which is all that the spares are for. */
  readonly save: (job: Job) => Written
  readonly readRequests: () => readonly Request[]
  /** Writes what a request brings for stdin at its place, durably. false: not now. */
  readonly store: (request: InputRequest, place: number) => boolean
  readonly answer: (request: string, result: Answer) => Written
  /** Bytes that the spool's streams have now; null: they are deleted. */
  readonly sizes: () => Sizes | null
  /** The highest number of a series' fire that is noted in the spool. */
  readonly reached: () => number
  /**
   * Is the disk full, on which the spool is? Then the system's words for it, else null.
   * @param closely by writing something; else by asking whether that seems likely first, which costs next to nothing
   */
  readonly findFull: (closely: boolean) => string | null
  /** Notes in the timeline what has arrived. @returns whether anything had */
  readonly mark: () => boolean
  /** Brings the file of `--log-file` to the end of the streams, which are complete; what can't be written now is no reason to wait. */
  readonly logRest: () => Progress
  readonly openLink: OpenLink
  /** Is what arrived what was written, and durable? undefined: it is; else the evidence. */
  readonly verify: (job: Job) => Promise<string | undefined>
  readonly note: (text: string) => void
}
