/** How a job ended, and the exit status that says so. A status is never invented: what can't be known is `unknown`. */
import type { PermanentCode } from './fault.ts'
import { type Signal, signalByNumber, signalNumber } from './signals.ts'

/** Why a job's status can't be known. */
export type UnknownReason =
  | 'rebooted' // the machine was restarted under it
  | 'supervisor_died' // what waits for the command was killed
  | 'directory_gone' // the remote directory, and with it the record, was deleted
  | 'disconnected' // a job that was to end with its connection lost it
  | 'record_unreadable'
  | 'gave_up' // contact was lost in the moment of the launch, and not had again in time

/** Why it is certain that a job's command never began. */
export type RefusedReason =
  | 'stopped' // a kill came before the launch
  | 'launch_interrupted' // the launcher died before the command began
  | 'gave_up' // it could not be got to begin in the time given
  | PermanentCode

export type Outcome =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: Signal }
  | { readonly kind: 'refused'; readonly reason: RefusedReason; readonly evidence: string }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly evidence: string }

/** Which event made an ended job's command end. */
export type EndedBy = 'exit' | 'kill' | 'lease' | 'disconnect' | 'timeout' | 'idle' | 'max_output'

/** chap's own failure, or an outcome that can't be known. */
export const EXIT_CHAP = 125
/** Time is up, as with timeout(1), or another limit is passed. */
const EXIT_LIMIT = 124

/** Ended by a limit that was set for the command; a lease is for chap. */
export const isLimit = (by: string | null): by is 'timeout' | 'idle' | 'max_output' =>
  by === 'timeout' || by === 'idle' || by === 'max_output'

/**
 * Reads a shell's `$?`. Most shells can't tell "killed by SIGKILL" from "exited 137": both read as the signal here,
 * and the record keeps the number as well.
 */
export const outcomeOfStatus = (status: number): Outcome => {
  // ksh93 says 256 + n
  const signal = status > 256 ? signalByNumber(status - 256) : status > 128 ? signalByNumber(status - 128) : undefined
  return signal === undefined ? { kind: 'exited', code: status } : { kind: 'signaled', signal }
}

/**
 * The status that run, attach, wait and `logs -f` exit with: 0-255.
 * @param by what made the command end: a limit has a status of its own, whatever the command made of its signal
 */
export const exitStatusOf = (outcome: Outcome, by: EndedBy | null): number => {
  if (isLimit(by)) return EXIT_LIMIT
  switch (outcome.kind) {
    case 'exited':
      return outcome.code & 255
    case 'signaled':
      return 128 + signalNumber(outcome.signal)
    case 'refused':
    case 'unknown':
      return outcome.reason === 'gave_up' ? EXIT_LIMIT : EXIT_CHAP
  }
}
