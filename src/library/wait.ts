/** Waits until jobs have ended. */
import { endedBy, exitStatusOfJob, outcomeOf } from '../domain/job.ts'
import type { EndedBy, Outcome } from '../domain/outcome.ts'
import type { AskSecret } from '../domain/secret.ts'
import type { State } from '../spool/state.ts'
import type { Recovered } from '../watcher/recover.ts'
import { type Waited, waitForJobs } from '../watcher/wait.ts'
import { type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem, problemOfTrouble } from './problem.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'
import { withoutUnset } from './without-unset.ts'

/** How a job ended. */
export interface Ended {
  readonly id: string
  readonly outcome: Outcome
  /** What made the command end; null: nobody can tell. */
  readonly endedBy: EndedBy | null
  /** What `chap wait` exits with: the command's own status, 128+n by signal n, 124 when a timer ended it, 125 when its status can't be known. */
  readonly exitStatus: number
  readonly state: State
}

export interface WaitOptions extends InSpool {
  /** For all of them (the default), or for the first that ends. */
  readonly until?: 'all' | 'any'
  /** Milliseconds; then those that go on are null. */
  readonly timeout?: number
  /** Stops waiting; the jobs go on. */
  readonly signal?: AbortSignal
  /** Called when a job's chaperone was gone. */
  readonly onRecovered?: (recovered: Recovered, id: string) => void
  readonly askSecret?: AskSecret
}

/** @returns for each in its place how it ended, or why that can't be had; null: it goes on, since another ended first, or the waiting did */
export const wait = async (
  jobs: readonly JobLike[],
  options: WaitOptions = {},
): Promise<(Ended | Problem | null)[]> => {
  const around = surroundingsOf(options)
  const views = await Promise.all(jobs.map((job) => attempt(() => lookUp(around, job))))
  const found = views.flatMap((view) => (isProblem(view) ? [] : [view]))
  const isDecided = found.length === 0 || (options.until === 'any' && found.length < views.length)
  const waited = isDecided ? [] : await attempt(() => waitWithin(found, options))
  const results = new Map(
    found.map((view, index) => [view, isProblem(waited) ? waited : concludeWait(view.id, waited[index])]),
  )
  return views.map((view) => (isProblem(view) ? view : (results.get(view) ?? null)))
}

const waitWithin = async (
  jobs: readonly Exclude<JobLike, string>[],
  options: WaitOptions,
): Promise<(Waited | undefined)[]> => {
  const { until = 'all', timeout, signal, onRecovered, askSecret } = options
  const stop = new AbortController()
  const abort = (): void => stop.abort()
  const timer = timeout === undefined ? undefined : setTimeout(abort, timeout)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  const ids = new Map(jobs.map(({ id, paths }) => [paths, id]))
  try {
    return await waitForJobs(
      jobs.map(({ paths }) => paths),
      {
        until,
        signal: stop.signal,
        recovery: (paths) => ({
          onRecovered: (recovered) => onRecovered?.(recovered, ids.get(paths) ?? ''),
          ...withoutUnset({ askSecret }),
        }),
      },
    )
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

const concludeWait = (id: string, waited: Waited | undefined): Ended | Problem | null => {
  if (waited === undefined) return null
  return waited.kind === 'ended' ? endOf(id, waited.state) : problemOfTrouble(id, waited)
}

/** @throws Error for a job that has not ended: a programming error */
export const endOf = (id: string, state: State): Ended => {
  const [outcome, exitStatus] = [outcomeOf(state.job), exitStatusOfJob(state.job)]
  if (outcome === null || exitStatus === null) throw new Error(`${id}: an ended job without an outcome`)
  return { id, outcome, endedBy: endedBy(state.job), exitStatus, state }
}
