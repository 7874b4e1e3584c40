/** The words for how a job ended. */
import {
  type EndedBy,
  type Limits,
  type Outcome,
  type RefusedReason,
  spellSeconds,
  type UnknownReason,
} from '../index.ts'
import { formatSize } from './job-row.ts'
import { safeText } from './safe-text.ts'
import { type Words, wordsOfFault } from './words.ts'

const wordsOfRefusal = (reason: RefusedReason, evidence: string, host: string): Words => {
  switch (reason) {
    case 'stopped':
      return { message: 'it was killed before it began', hint: null }
    case 'launch_interrupted':
      return {
        message: `the launch was interrupted before the command began (${safeText(evidence)})`,
        hint: 'start it again: the command certainly did not run',
      }
    case 'gave_up':
      return {
        message: `${safeText(host)} could not be reached in the time given (${safeText(evidence)})`,
        hint: '--give-up-after gives it longer; without it chap tries for ever',
      }
    default:
      return wordsOfFault({ code: reason, evidence }, host)
  }
}

const wordsOfUnknown = (reason: UnknownReason, evidence: string, host: string): Words => {
  const at = safeText(host)
  const own = evidence === '' ? '' : ` (${safeText(evidence)})`
  const hint = 'its output up to then is kept: chap logs'
  switch (reason) {
    case 'rebooted':
      return { message: `${at} was restarted while it ran${own}`, hint }
    case 'supervisor_died':
      return {
        message: `what waited for the command at ${at} was killed${own}`,
        hint: `the command may still run there; ${hint}`,
      }
    case 'directory_gone':
      return { message: `the job's files at ${at} were deleted, and its status with them${own}`, hint }
    case 'disconnected':
      return {
        message: `its connection was lost, and it was to end with it${own}`,
        hint: 'without --on-disconnect kill and --plain a job outlives its connection',
      }
    case 'gave_up':
      return {
        message: `the link broke in the moment of the launch, and ${at} could not be reached again in the time given${own}`,
        hint: 'the command may run there; look for its files in ~/.local/state/chap-remote, or its --remote-dir',
      }
    case 'record_unreadable':
      return {
        message: `the record of its end at ${at} can't be read${own}`,
        hint: `its files there are kept, in ~/.local/state/chap-remote or its --remote-dir; ${hint}`,
      }
  }
}

/** Which timer, or limit, ended a command; null: none did. */
export const wordsOfTimer = (by: EndedBy | null, limits: Limits | null): string | null => {
  const spell = (seconds: number | null | undefined): string => (seconds ? spellSeconds(seconds) : 'its limit')
  switch (by) {
    case 'timeout':
      return `timed out after ${spell(limits?.timeout)}`
    case 'idle':
      return `timed out after ${spell(limits?.idleTimeout)} without output`
    case 'max_output':
      return `wrote more than ${limits?.maxOutput ? formatSize(limits.maxOutput) : 'it may'}`
    case 'lease':
      return 'its lease ran out'
    default:
      return null
  }
}

/** How it ended. */
export const wordsOfOutcome = (outcome: Outcome, host: string): Words => {
  switch (outcome.kind) {
    case 'exited':
      return { message: `exited ${outcome.code}`, hint: null }
    case 'signaled':
      return { message: `killed by ${outcome.signal}`, hint: null }
    case 'refused': {
      const { message, hint } = wordsOfRefusal(outcome.reason, outcome.evidence, host)
      return { message: `never began: ${message}`, hint }
    }
    case 'unknown': {
      const { message, hint } = wordsOfUnknown(outcome.reason, outcome.evidence, host)
      return { message: `ended with unknown status: ${message}`, hint }
    }
  }
}
