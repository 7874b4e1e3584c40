/** The jobs of a spool, as they change, for a program. */
import { watchJobs } from '../watcher/job-changes.ts'
import type { JobView } from '../watcher/job-view.ts'
import { checkOwnSpool } from './choose-job.ts'
import { attempt, isProblem, type Problem } from './problem.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'

export interface WatchOptions extends InSpool {
  /** Milliseconds since the epoch: jobs to which nothing happened since, and nothing can any more, are left out. By default all are in. */
  readonly since?: number
  /** Ends the loop. */
  readonly signal?: AbortSignal
}

/**
 * All jobs, newest first, at once and then each time that one came, changed or was removed; its output grew, too. A job that has not changed is
 * the same object as in the list before. What changes while the caller is busy comes in the next list, together. Also of a spool that is made later.
 * @returns each list, or, as the last value, why there are no more: `isProblem` tells
 */
export async function* watch(
  options: WatchOptions = {},
): AsyncGenerator<readonly JobView[] | Problem, void, undefined> {
  const around = surroundingsOf(options)
  const unsafe = checkOwnSpool(around)
  if (unsafe !== undefined) return yield unsafe
  const { since = Number.NEGATIVE_INFINITY, signal } = options
  const lists = watchJobs(around.spool, { since, ...(signal === undefined ? {} : { signal }) })
  try {
    for (;;) {
      const next = await attempt(() => lists.next())
      if (isProblem(next)) return yield next
      if (next.done) return
      yield next.value
    }
  } finally {
    await lists.return(undefined)
  }
}
