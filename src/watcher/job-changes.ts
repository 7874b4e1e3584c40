/** All jobs of a spool, again each time that one of them changed: what a live view shows. It hears of changes as `chap events` does. */
import { jobPaths } from '../spool/layout.ts'
import { createdAt, listJobs, viewById } from './find-jobs.ts'
import type { JobView } from './job-view.ts'
import { type Roster, startRoster, startWakes, type Wake } from './spool-events.ts'
import { openState } from './state-reader.ts'

export interface ChangesOptions {
  /** Milliseconds since the epoch: jobs that were over before are left out, where their state says so by its mode. */
  readonly since: number
  readonly signal?: AbortSignal
}

/**
 * Newest first; the view of a job that has not changed is the same object as before. The first list comes at once. Changes that come while
 * nobody asks for the next list are in that one, together.
 */
export async function* watchJobs(spool: string, { since, signal }: ChangesOptions): AsyncGenerator<readonly JobView[]> {
  const wakes = startWakes(spool, signal)
  try {
    // Armed before the first reading: nothing falls in between.
    const find = startFinding(spool, startRoster(spool, null, wakes))
    const views = new Map(listJobs(spool, Date.now(), since).map((view) => [view.id, view]))
    yield [...views.values()]
    for (let wake = wakes.first; wake !== undefined; wake = await wakes.next()) {
      const changed = find(wake, views)
      for (const id of changed) {
        const view = viewById(spool, id, Date.now())
        if (view === undefined) views.delete(id)
        else views.set(id, view)
      }
      if (changed.size > 0) yield [...views.values()].sort((a, b) => createdAt(b) - createdAt(a))
    }
  } finally {
    await wakes.close()
  }
}

/** @returns what finds the ids of those that came, changed or were removed since its last call */
const startFinding = (
  spool: string,
  roster: Roster,
): ((wake: Wake, known: ReadonlyMap<string, JobView>) => Set<string>) => {
  let states = new Map<string, ReturnType<typeof openState>>()
  /** A state may change without an event: the number of a try does. */
  const isReplaced = (id: string): boolean => states.get(id)?.().isNew === true
  return (wake, known) => {
    const changed = new Set(roster.update().map(({ job }) => job))
    for (const id of wake.isDue ? roster.followed() : wake.hinted)
      if (roster.read(id, wake.isDue).length > 0) changed.add(id)
    const followed = roster.followed()
    // A new job is shown before anything has happened to it.
    for (const id of followed) if (!known.has(id) || (wake.isDue && isReplaced(id))) changed.add(id)
    if (wake.isDue) states = new Map(followed.map((id) => [id, states.get(id) ?? openAt(jobPaths(spool, id).state)]))
    return changed
  }
}

/** With what is there now seen. */
const openAt = (path: string): ReturnType<typeof openState> => {
  const state = openState(path)
  state()
  return state
}
