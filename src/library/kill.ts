/** Ends jobs, or sends them signals. What was accepted is on disk, and is carried out whatever happens to the link or the caller. */
import type { Fault } from '../domain/fault.ts'
import type { AskSecret } from '../domain/secret.ts'
import type { Signal } from '../domain/signals.ts'
import type { State } from '../spool/state.ts'
import { type Asked, ask, type Wish } from '../watcher/ask.ts'
import { findNewer, type JobView } from '../watcher/job-view.ts'
import type { Recovery } from '../watcher/keep-attended.ts'
import { type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem, problemOfTrouble } from './problem.ts'
import { type InSpool, type Surroundings, surroundingsOf } from './surroundings.ts'
import { type Ended, endOf } from './wait.ts'
import { withoutUnset } from './without-unset.ts'

export interface AskOfJobOptions extends InSpool {
  /** Wait until it is done, or can't be done now: the default. Otherwise return when it is on disk. */
  readonly wait?: boolean
  /** Called with each new state while it is waited for. */
  readonly onState?: (state: State) => void
  readonly askSecret?: AskSecret
}

export interface KillOptions extends AskOfJobOptions {
  /** Milliseconds from SIGTERM to SIGKILL; 10,000. 0: SIGKILL at once. */
  readonly grace?: number
}

export type Killed =
  /** It has ended, by this or by something else. */
  | ({ readonly kind: 'ended' } & Ended)
  /** The signal was delivered (`sendSignal`). */
  | { readonly kind: 'sent'; readonly id: string }
  /** It is on disk; nothing was waited for. */
  | { readonly kind: 'accepted'; readonly id: string }
  /** It is on disk, and will be done when the host can be reached. */
  | { readonly kind: 'pending'; readonly id: string; readonly fault: Fault | null }

const GRACE_MS = 10_000

/** Ends a job with all that it started: SIGTERM to its process group, and after the grace SIGKILL. Returns when it has ended. */
export const kill = (job: JobLike, options: KillOptions = {}): Promise<Killed | Problem> => {
  const { grace = GRACE_MS } = options
  return askOf(job, { kind: 'stop', signal: grace === 0 ? 'SIGKILL' : 'SIGTERM', grace: grace / 1000 }, options)
}

/** Sends a job's process group one signal. Returns when it was delivered, or the job has ended. */
export const sendSignal = (job: JobLike, signal: Signal, options: AskOfJobOptions = {}): Promise<Killed | Problem> =>
  askOf(job, { kind: 'signal', signal }, options)

const askOf = (job: JobLike, wish: Wish, options: AskOfJobOptions): Promise<Killed | Problem> =>
  attempt(async () => {
    const around = surroundingsOf(options)
    const view = lookUp(around, job)
    if (isProblem(view)) return view
    const { wait = true, onState, askSecret } = options
    const asked = await askJob(around, view, wish, { isImpatient: !wait, ...withoutUnset({ onState, askSecret }) })
    return concludeAsk(view.id, asked)
  })

/** Asks a job's chaperone, unless the job has ended. */
export const askJob = async (
  { self }: Pick<Surroundings, 'self'>,
  view: JobView,
  wish: Wish,
  options: Recovery & { readonly isImpatient: boolean; readonly onState?: (state: State) => void },
): Promise<Asked> => {
  if (view.verdict === 'ended' && view.state.ok) return { kind: 'ended', state: view.state.value }
  // Before it is asked: what is said to be refused must not be carried out later.
  const newer = findNewer(view)
  if (newer !== undefined) return { kind: 'unreadable', fault: newer }
  return ask(view.paths, wish, { by: self(), ...options })
}

const concludeAsk = (id: string, asked: Asked): Killed | Problem => {
  switch (asked.kind) {
    case 'ended':
      return { kind: 'ended', ...endOf(id, asked.state) }
    case 'sent':
    case 'accepted':
      return { kind: asked.kind, id }
    case 'pending':
      return { kind: 'pending', id, fault: asked.state.job.link.fault }
    default:
      return problemOfAsked(id, asked)
  }
}

/** Why nothing came of what was asked. */
export const problemOfAsked = (
  id: string,
  asked: Exclude<Asked, { readonly kind: 'ended' | 'sent' | 'accepted' | 'pending' }>,
): Problem => {
  switch (asked.kind) {
    case 'nobody':
      return { code: 'between_runs', id }
    case 'invalid':
      return { code: 'not_understood', id }
    default:
      return problemOfTrouble(id, asked)
  }
}
