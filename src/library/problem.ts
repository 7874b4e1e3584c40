/**
 * Why what was asked can't be done: one union of codes with evidence. Every function of the library returns it in place of its result, and
 * throws none of it; `isProblem` tells the two apart. What is thrown is a defect, or an argument that the types forbid.
 */
import type { CallbackFault } from '../domain/callback-reply.ts'
import type { NodeSetFault } from '../domain/expand-nodes.ts'
import type { SecretFault } from '../domain/secret.ts'
import type { Spec } from '../domain/spec.ts'
import type { SpoolFault } from '../spool/guard.ts'
import type { ReadFault } from '../spool/read-record.ts'
import type { Stream } from '../spool/timeline.ts'
import type { FindFault } from '../watcher/find-jobs.ts'
import type { JobView } from '../watcher/job-view.ts'
import type { Trouble } from '../watcher/trouble.ts'

export type Problem =
  /** Options that can't be, or not together. The message names them as the command line does: `--give-up-after` is `giveUpAfter`. */
  | { readonly code: 'usage'; readonly message: string; readonly hint?: string }
  /** The hosts of a group are no node set. */
  | { readonly code: 'node_set'; readonly fault: NodeSetFault }
  /** no_such_job, ambiguous: the name means no job, or several. */
  | FindFault
  | { readonly code: 'none_running'; readonly newest: JobView | undefined }
  | { readonly code: 'several_running'; readonly candidates: readonly JobView[] }
  /** The spool is not safe to use. */
  | { readonly code: 'spool'; readonly fault: SpoolFault }
  /** A record of the job's can't be understood. */
  | { readonly code: 'unreadable'; readonly id: string; readonly fault: ReadFault }
  /** The job was removed. */
  | { readonly code: 'gone'; readonly id: string }
  /** No chaperone could be brought up. */
  | { readonly code: 'unattended'; readonly id: string; readonly evidence: string }
  /** The password is not to be had. id: of the job that waits for it; null: none was started. */
  | { readonly code: 'secret'; readonly id: string | null; readonly fault: SecretFault }
  /** Its chaperone ran on another machine, of which nothing can be said from here. */
  | { readonly code: 'elsewhere'; readonly id: string; readonly host: string }
  /** The series has begun no run of that number, or the job is no series. */
  | { readonly code: 'no_such_run'; readonly id: string; readonly run: number }
  /** The job ended, but this many bytes of what it wrote are not here. */
  | { readonly code: 'short'; readonly id: string; readonly stream: Stream; readonly missing: number }
  | { readonly code: 'not_ended'; readonly id: string }
  /** Its files on its host are not removed yet. */
  | { readonly code: 'not_collected'; readonly id: string; readonly spec: Spec | undefined }
  /** The command of --on-exit still runs, or is still to be run. */
  | { readonly code: 'on_exit_pending'; readonly id: string; readonly isRunning: boolean }
  /** Its callback's receiver does not have all of it. */
  | { readonly code: 'callback_pending'; readonly id: string; readonly isGivenUp: boolean }
  /** The receiver did not take it, again. */
  | { readonly code: 'undelivered'; readonly id: string; readonly fault: CallbackFault; readonly isGivenUp: boolean }
  /** The kill is on disk, and is carried out when the host can be reached. */
  | { readonly code: 'kill_pending'; readonly id: string; readonly host: string }
  /** A signal found no run of the series: it waits for the next one. */
  | { readonly code: 'between_runs'; readonly id: string }
  /** A chaperone of another version did not understand the request. */
  | { readonly code: 'not_understood'; readonly id: string }
  | { readonly code: 'stdin_not_open'; readonly id: string }
  /** bytes: accepted in this call before. undelivered: of all that was accepted, what is not where the job ran. */
  | { readonly code: 'input_ended'; readonly id: string; readonly bytes: number; readonly undelivered: number }
  | { readonly code: 'input_closed'; readonly id: string; readonly bytes: number }
  | { readonly code: 'timed_out'; readonly ids: readonly string[] }
  /** The caller's AbortSignal ended the waiting; the job goes on. */
  | { readonly code: 'detached'; readonly id: string }
  /** The system refused something: a full disk, a file that may not be read. */
  | { readonly code: 'system'; readonly message: string; readonly errno: string | undefined }

/** Is this why it could not be done, and no result? Results have no `code`. */
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

/** What the system refuses is a problem like any other; what is not the system's is a defect, and is thrown. */
export const attempt = async <T>(work: () => Promise<T> | T): Promise<T | Problem> => {
  try {
    return await work()
  } catch (error) {
    return problemOfSystem(error)
  }
}

/** @throws what is not the system's */
export const problemOfSystem = (error: unknown): Problem => {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || syscall === undefined) throw error
  return { code: 'system', message: error.message, errno: code }
}
