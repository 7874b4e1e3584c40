/** Sends a running command more of its stdin. What was accepted is on disk, and gets there once, whatever dies in between. */
import { inputOf } from '../domain/input.ts'
import type { AskSecret } from '../domain/secret.ts'
import type { JobPaths } from '../spool/layout.ts'
import { readState, type State } from '../spool/state.ts'
import { findNewer, type JobView } from '../watcher/job-view.ts'
import { type SentAll, sendInput } from '../watcher/send-input.ts'
import { type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem, problemOfTrouble } from './problem.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'
import { withoutUnset } from './without-unset.ts'

export interface SendOptions extends InSpool {
  /** Its stdin ends behind what is sent, which may be nothing: `''`. */
  readonly eof?: boolean
  /** Called with each new state while an answer is waited for. */
  readonly onState?: (state: State) => void
  readonly askSecret?: AskSecret
}

export interface SentInput {
  readonly id: string
  /** Bytes that this call sent. */
  readonly bytes: number
  /** Bytes of this call and others before that are not where the job runs yet. */
  readonly undelivered: number
}

/**
 * Sends a job that was started with `stdin: 'open'` what it is to read next. Returns when all of it was accepted, also while its host is
 * out of reach.
 * @param input text, as UTF-8 and without a newline that is not in it; bytes; or pieces of bytes, the next taken when the one before was
 * accepted
 * @returns stdin_not_open; input_ended, input_closed: the command, or its stdin, had ended before all of it was taken
 */
export const send = (
  job: JobLike,
  input: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: SendOptions = {},
): Promise<SentInput | Problem> =>
  attempt<SentInput | Problem>(async () => {
    const around = surroundingsOf(options)
    const view = lookUp(around, job)
    if (isProblem(view)) return view
    const closed = findClosed(view)
    if (closed !== undefined) return closed
    const { eof = false, onState, askSecret } = options
    const pieces = typeof input === 'string' ? [Buffer.from(input)] : input instanceof Uint8Array ? [input] : input
    const sent = await sendInput(view.paths, pieces, eof, {
      by: around.self(),
      ...withoutUnset({ onState, askSecret }),
    })
    const undelivered = readUndelivered(view.paths)
    return problemOfSent(view.id, sent, undelivered) ?? { id: view.id, bytes: sent.bytes, undelivered }
  })

/** undefined: it was started so that it may be sent something. */
export const findClosed = (view: JobView): Problem | undefined => {
  const newer = findNewer(view)
  if (newer !== undefined) return { code: 'unreadable', id: view.id, fault: newer }
  return view.spec.ok && !view.spec.value.stdinOpen ? { code: 'stdin_not_open', id: view.id } : undefined
}

/** Bytes that were accepted, now or before, and are not on the job's machine. */
export const readUndelivered = ({ state: path }: Pick<JobPaths, 'state'>): number => {
  const state = readState(path)
  if (!state.ok) return 0
  const { size, delivered } = inputOf(state.value.job)
  return size - delivered
}

/** @param undelivered bytes that were accepted, and are not where the job ran; undefined: all were accepted */
export const problemOfSent = (id: string, { bytes, last }: SentAll, undelivered: number): Problem | undefined => {
  switch (last.kind) {
    case 'accepted':
      return undefined
    case 'ended':
      return { code: 'input_ended', id, bytes, undelivered }
    case 'closed':
      return { code: 'input_closed', id, bytes }
    case 'invalid':
      return { code: 'not_understood', id }
    default:
      return problemOfTrouble(id, last)
  }
}
