/** What happens to jobs, as it happens, for a program. */
import type { SpoolEvent } from '../watcher/past-events.ts'
import { watchEvents } from '../watcher/spool-events.ts'
import { checkOwnSpool, type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem } from './problem.ts'
import { type InSpool, type Surroundings, surroundingsOf } from './surroundings.ts'

export interface EventsOptions extends InSpool {
  /** Only of these jobs; by default of all, those to come too. */
  readonly jobs?: readonly JobLike[]
  /** Milliseconds since the epoch: what happened since then comes first, by time. */
  readonly since?: number
  /** Ends the loop. */
  readonly signal?: AbortSignal
}

/**
 * Each change of jobs once, with the fields that `chap events --json` prints; also in a spool that is made later. It begins with the first
 * value that is asked for, at once: what happens after that call is told. It ends when `signal` says so, or with a problem.
 * @returns each event, or, as the last, why there are no more (spool, no_such_job, system, ...): `isProblem` tells
 */
export async function* events(options: EventsOptions = {}): AsyncGenerator<SpoolEvent | Problem, void, undefined> {
  const around = surroundingsOf(options)
  // Before anything is waited for: the caller goes on meanwhile.
  const begun = await attempt(() => begin(around, options))
  if (isProblem(begun)) return yield begun
  const { watched, first } = begun
  try {
    for (let next = first; ; next = watched.next()) {
      const result = await attempt(() => next)
      if (isProblem(result)) return yield result
      if (result.done) return
      yield result.value
    }
  } finally {
    await watched.return(undefined)
  }
}

const begin = (around: Surroundings, { jobs, since, signal }: EventsOptions) => {
  const only = readJobs(around, jobs)
  if (isProblem(only)) return only
  const watched = watchEvents(around.spool, { since: since ?? null, only, ...(signal === undefined ? {} : { signal }) })
  return { watched, first: watched.next() }
}

const readJobs = (around: Surroundings, jobs: readonly JobLike[] | undefined): ReadonlySet<string> | null | Problem => {
  const unsafe = checkOwnSpool(around)
  if (unsafe !== undefined || jobs === undefined) return unsafe ?? null
  const ids = new Set<string>()
  for (const job of jobs) {
    const view = lookUp(around, job)
    if (isProblem(view)) return view
    ids.add(view.id)
  }
  return ids
}
