/** Why a command can't do what was asked: codes with evidence. The words are in words.ts. */
import type { SecretFault } from '../domain/secret.ts'
import type { Spec } from '../domain/spec.ts'
import type { SpoolFault } from '../spool/guard.ts'
import type { ReadFault } from '../spool/read-record.ts'
import type { Stream } from '../spool/timeline.ts'
import type { FindFault } from '../watcher/find-jobs.ts'
import type { JobView } from '../watcher/job-view.ts'
import type { Trouble } from '../watcher/trouble.ts'
import type { ConfigFault } from './config/fault.ts'

export type Problem =
  | { readonly code: 'usage'; readonly message: string; readonly hint?: string }
  | FindFault
  | { readonly code: 'none_running'; readonly newest: JobView | undefined }
  | { readonly code: 'several_running'; readonly candidates: readonly JobView[] }
  | { readonly code: 'spool'; readonly fault: SpoolFault }
  | { readonly code: 'config'; readonly fault: ConfigFault }
  | { readonly code: 'unreadable'; readonly id: string; readonly fault: ReadFault }
  | { readonly code: 'gone'; readonly id: string }
  /** No chaperone could be brought up. */
  | { readonly code: 'unattended'; readonly id: string; readonly evidence: string }
  /** The password is not to be had. id: of the job that waits for it; null: none was started. */
  | { readonly code: 'secret'; readonly id: string | null; readonly fault: SecretFault }
  | { readonly code: 'elsewhere'; readonly id: string; readonly host: string }
  | { readonly code: 'short'; readonly id: string; readonly stream: Stream; readonly missing: number }
  | { readonly code: 'not_ended'; readonly id: string }
  | { readonly code: 'not_collected'; readonly id: string; readonly spec: Spec | undefined }
  | { readonly code: 'kill_pending'; readonly id: string; readonly host: string }
  | { readonly code: 'not_understood'; readonly id: string }
  | { readonly code: 'stdin_not_open'; readonly id: string }
  /** bytes: accepted in this call before. undelivered: of all that was accepted, what is not where the job ran. */
  | { readonly code: 'input_ended'; readonly id: string; readonly bytes: number; readonly undelivered: number }
  | { readonly code: 'input_closed'; readonly id: string; readonly bytes: number }
  | { readonly code: 'timed_out'; readonly ids: readonly string[] }
  /** The system refused something: a full disk, a file that may not be read. */
  | { readonly code: 'system'; readonly message: string; readonly errno: string | undefined }

/** The exit status that says so. */
export const exitStatusOfProblem = (problem: Problem): number => {
  switch (problem.code) {
    case 'usage':
    case 'stdin_not_open':
    case 'config':
    case 'several_running':
    case 'none_running':
    case 'no_such_job':
    case 'ambiguous':
      return 2
    case 'secret':
      return problem.id === null ? 2 : 125
    case 'timed_out':
      return 124
    default:
      return 125
  }
}

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value

export const problemOfTrouble = (id: string, trouble: Trouble): Problem => {
  switch (trouble.kind) {
    case 'gone':
      return { code: 'gone', id }
    case 'unreadable':
      return { code: 'unreadable', id, fault: trouble.fault }
    case 'unattended':
      return { code: 'unattended', id, evidence: trouble.evidence }
    case 'locked':
      return { code: 'secret', id, fault: trouble.fault }
  }
}

export const usage = (message: string, hint?: string): Problem => ({
  code: 'usage',
  message,
  ...(hint === undefined ? {} : { hint }),
})
