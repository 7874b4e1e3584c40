/** Asks a job's chaperone to act. What was accepted is on disk; the doorbell only makes it quick. */
import { randomBytes } from 'node:crypto'
import type { Answer } from '../domain/events.ts'
import type { Signal } from '../domain/signals.ts'
import type { Asker, Request } from '../domain/spec.ts'
import { ringDoorbell } from '../spool/doorbell.ts'
import type { JobPaths } from '../spool/layout.ts'
import { newRequestId, putRequest, readAnswer } from '../spool/requests.ts'
import type { State } from '../spool/state.ts'
import { keepAttended, type Recovery } from './keep-attended.ts'
import { openState } from './state-reader.ts'
import { findTrouble, type Trouble } from './trouble.ts'
import { watchDirectory } from './watch-directory.ts'

export type Wish =
  | { readonly kind: 'stop'; readonly signal: Signal /** Seconds. */; readonly grace: number }
  | { readonly kind: 'signal'; readonly signal: Signal }

export type Asked =
  | { readonly kind: 'ended'; readonly state: State }
  /** The signal was delivered. */
  | { readonly kind: 'sent' }
  /** It came between the runs of a series: nobody was there to get it, and nobody will. */
  | { readonly kind: 'nobody' }
  /** Accepted, and not waited for. */
  | { readonly kind: 'accepted' }
  /** The host is out of reach, and it will be done when it is not; or this is enough. */
  | { readonly kind: 'pending'; readonly state: State }
  /** A newer or a damaged chaperone did not understand. */
  | { readonly kind: 'invalid' }
  | Trouble

export interface AskOptions extends Recovery {
  readonly by: Asker
  /** Return once it is on disk. */
  readonly isImpatient: boolean
  /** No more is waited for in such a state. */
  readonly isEnough?: (state: State) => boolean
  /** Called with each new state. */
  readonly onState?: (state: State) => void
}

/**
 * Asks, and waits until the job has ended (stop) or the signal is delivered (signal), or that this can't be now.
 * @throws ErrnoException when the request can't be put on disk: then nothing was asked
 */
export const ask = async (paths: JobPaths, wish: Wish, options: AskOptions): Promise<Asked> => {
  const time = new Date()
  const id = newRequestId(time, randomBytes(4).toString('hex'))
  const request = { ...wish, id, time: time.toISOString(), by: options.by }
  // Armed before the request can be answered.
  const watches = [watchDirectory(paths.dir), watchDirectory(paths.requests)]
  const attendance = keepAttended(paths, options)
  const state = openState(paths.state)
  try {
    putRequest(paths, request)
    ringDoorbell(paths.doorbell)
    if (options.isImpatient) return (await attendance()) ?? { kind: 'accepted' }
    for (;;) {
      // The answer first: it is given after the state that says so was saved.
      const answer = readAnswer(paths.requests, id)
      const { read, isNew } = state()
      if (read.ok && isNew) options.onState?.(read.value)
      const result = judgeAnswer(request, answer.ok ? answer.value.result : undefined, read.ok ? read.value : undefined)
      if (result === undefined && read.ok && options.isEnough?.(read.value))
        return { kind: 'pending', state: read.value }
      const asked = result ?? findTrouble(paths, read) ?? (await attendance())
      if (asked !== undefined) return asked
      await Promise.race(watches.map((watch) => watch.changed()))
    }
  } finally {
    for (const watch of watches) watch.close()
  }
}

/** undefined: nothing is decided yet. */
const judgeAnswer = (
  asked: Pick<Request, 'kind' | 'time'>,
  answer: Answer | 'invalid' | undefined,
  state: State | undefined,
): Asked | undefined => {
  if (answer === 'invalid') return { kind: 'invalid' }
  if (state?.job.phase === 'ended') return { kind: 'ended', state }
  if (answer === undefined || state === undefined) return undefined
  const owed = state.job.signals.find((one) => one.asked === asked.time)
  if (asked.kind === 'signal' && owed === undefined) return { kind: 'nobody' }
  if (asked.kind === 'signal' && owed?.sent !== null) return { kind: 'sent' }
  // Before the first try nothing is known to be out of reach: a job that waits for its turn is about to end.
  const { status, generation } = state.job.link
  return status === 'down' && generation > 0 ? { kind: 'pending', state } : undefined
}
