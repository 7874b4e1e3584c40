/** Asks a job's chaperone to act. What was accepted is on disk; the doorbell only makes it quick. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Answer } from '../domain/events.ts'
import type { Signal } from '../domain/signals.ts'
import type { Asker } from '../domain/spec.ts'
import { ringDoorbell } from '../spool/doorbell.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { ReadFault } from '../spool/read-record.ts'
import { newRequestId, putRequest, readAnswer } from '../spool/requests.ts'
import type { State } from '../spool/state.ts'
import { keepAttended } from './keep-attended.ts'
import type { Recovered } from './recover.ts'
import { openState } from './state-reader.ts'
import { watchDirectory } from './watch-directory.ts'

export type Wish =
  | { readonly kind: 'stop'; readonly signal: Signal /** Seconds. */; readonly grace: number }
  | { readonly kind: 'signal'; readonly signal: Signal }

export type Asked =
  | { readonly kind: 'ended'; readonly state: State }
  /** The signal was delivered. */
  | { readonly kind: 'sent' }
  /** Accepted, and not waited for. */
  | { readonly kind: 'accepted' }
  /** The host is out of reach: it will be done when it is not. */
  | { readonly kind: 'pending'; readonly state: State }
  /** A newer or a damaged chaperone did not understand. */
  | { readonly kind: 'invalid' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unreadable'; readonly fault: ReadFault }
  | { readonly kind: 'unattended'; readonly recovered: Recovered }

export interface AskOptions {
  readonly by: Asker
  /** Return once it is on disk. */
  readonly isImpatient: boolean
  readonly onRecovered?: (recovered: Recovered) => void
}

/**
 * Asks, and waits until the job has ended (stop) or the signal is delivered (signal), or that this can't be now.
 * @throws ErrnoException when the request can't be put on disk: then nothing was asked
 */
export const ask = async (paths: JobPaths, wish: Wish, options: AskOptions): Promise<Asked> => {
  const time = new Date()
  const id = newRequestId(time, randomBytes(4).toString('hex'))
  const watch = watchDirectory(paths.dir)
  const watchAnswer = watchDirectory(paths.requests)
  const attendance = keepAttended(paths)
  const state = openState(paths.state)
  try {
    putRequest(paths.requests, { ...wish, id, time: time.toISOString(), by: options.by })
    ringDoorbell(paths.doorbell)
    for (;;) {
      // The answer first: it is given after the state that says so was saved.
      const answer = readAnswer(paths.requests, id)
      const { read } = state()
      if (!read.ok && read.fault.code === 'newer') return { kind: 'unreadable', fault: read.fault }
      if (!read.ok && !existsSync(paths.dir)) return { kind: 'gone' }
      const asked = { kind: wish.kind, time: time.toISOString() }
      const result = judgeAnswer(asked, answer.ok ? answer.value.result : undefined, read.ok ? read.value : undefined)
      if (result !== undefined) return result
      const recovered = await attendance()
      if (recovered !== undefined) options.onRecovered?.(recovered)
      if (recovered?.kind === 'failed') return { kind: 'unattended', recovered }
      if (options.isImpatient) return { kind: 'accepted' }
      await Promise.race([watch.changed(), watchAnswer.changed()])
    }
  } finally {
    watch.close()
    watchAnswer.close()
  }
}

/** undefined: nothing is decided yet. */
const judgeAnswer = (
  asked: { readonly kind: Wish['kind']; readonly time: string },
  answer: Answer | 'invalid' | undefined,
  state: State | undefined,
): Asked | undefined => {
  if (answer === 'invalid') return { kind: 'invalid' }
  if (state?.job.phase === 'ended') return { kind: 'ended', state }
  if (answer === undefined || state === undefined) return undefined
  const isSent = answer === 'sent' || state.job.signals.some((owed) => owed.asked === asked.time && owed.sent !== null)
  if (asked.kind === 'signal' && isSent) return { kind: 'sent' }
  return state.job.link.status === 'down' ? { kind: 'pending', state } : undefined
}
