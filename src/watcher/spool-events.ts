/** The changes of all jobs of a spool, as they come; of jobs that are made later too, and in a spool that is made later. */
import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { watch as watchPaths } from 'chokidar'
import { checkSpool } from '../spool/guard.ts'
import { type JobPaths, jobPaths, jobsDir } from '../spool/layout.ts'
import { readSpec } from '../spool/spec.ts'
import { isFinal, readState } from '../spool/state.ts'
import { isCallbackOpen } from './callback.ts'
import { type EventTail, openEventTail } from './event-tail.ts'
import { listIds } from './find-jobs.ts'
import { gatherHints } from './hints.ts'
import { isOnExitOpen } from './on-exit.ts'
import { addLabel, type JobLabel, labelOf, listPast, type PastOptions, type SpoolEvent } from './past-events.ts'
import { watchDirectory } from './watch-directory.ts'

/** Milliseconds between looks at each job that has not ended, when no hint comes. */
const HEARTBEAT_MS = 1_000

/** Milliseconds; the ticks of a kernel or a file server are shorter. */
const FRESH_MS = 100

/** Past events between two turns of the event loop. */
const BREATH = 100

export interface EventOptions {
  /** Milliseconds since the epoch: what happened since then comes first. null: only what happens from now on. */
  readonly since: number | null
  /** Only these jobs; null: all, those to come too. */
  readonly only: ReadonlySet<string> | null
  readonly signal?: AbortSignal
}

interface Followed {
  readonly tail: EventTail
  readonly label: JobLabel
}

/** Each change once, and never its end: the reader stops, or `signal` does. Only jobs that are not over are watched. */
export async function* watchEvents(spool: string, options: EventOptions): AsyncGenerator<SpoolEvent> {
  const wakes = startWakes(spool, options.signal)
  try {
    const roster = startRoster(spool, options.only, wakes)
    let told = 0
    if (options.since !== null)
      for (const event of listPast(spool, { ...roster.past, since: options.since })) {
        if (options.signal?.aborted) return
        yield event
        told += 1
        // Whoever reads at once would leave nobody else a turn.
        if (told % BREATH === 0) await breathe()
      }
    for (let wake = wakes.first; wake !== undefined; wake = await wakes.next()) {
      yield* roster.update()
      for (const id of wake.isDue ? roster.followed() : wake.hinted) yield* roster.read(id, wake.isDue)
    }
  } finally {
    await wakes.close()
  }
}

/** For one that watches jobs in another way (job-changes.ts), too. */
export interface Roster {
  /** All jobs. Those that are not over go on behind what is told of them. */
  readonly past: Omit<PastOptions, 'since'>
  /** Those that are not over. */
  readonly followed: () => string[]
  /** Sees which jobs are there now. @returns that some were removed, and what happened to the new ones */
  readonly update: () => SpoolEvent[]
  /** What happened to one. */
  readonly read: (id: string, closely: boolean) => SpoolEvent[]
}

export const startRoster = (spool: string, only: ReadonlySet<string> | null, wakes: Wakes): Roster => {
  const followed = new Map<string, Followed>()
  const listing = startListing(spool, only)
  let known = listing() ?? new Set<string>()

  const follow = (id: string, from: 'now' | 'start'): void => {
    const paths = jobPaths(spool, id)
    followed.set(id, { tail: openEventTail(paths, from), label: labelOf(id, paths) })
    const spec = readSpec(paths.spec)
    wakes.add(paths, spec.ok && spec.value.series !== null)
  }
  const drop = (id: string): void => {
    if (followed.delete(id)) wakes.remove(jobPaths(spool, id))
  }
  const remove = (id: string): SpoolEvent => {
    const label = followed.get(id)?.label ?? { job: id, name: null, host: null }
    drop(id)
    return { time: new Date().toISOString(), event: 'removed', ...label }
  }
  const read = (id: string, closely: boolean): SpoolEvent[] => {
    const job = followed.get(id)
    if (job === undefined) return []
    const events = job.tail.read(closely, Date.now()).map((event) => addLabel(job.label, event))
    if (job.tail.isOver()) drop(id)
    return events
  }

  for (const id of known) if (!isClosed(jobPaths(spool, id))) follow(id, 'now')
  return {
    past: {
      ids: known,
      isOver: (id) => !followed.has(id),
      onEnd: (id, file, place) => followed.get(id)?.tail.skipTo(file, place),
    },
    followed: () => [...followed.keys()],
    read,
    update: () => {
      const listed = listing()
      if (listed === undefined) return []
      const removed = [...known].filter((id) => !listed.has(id))
      const added = [...listed].filter((id) => !known.has(id))
      known = listed
      for (const id of added) follow(id, 'start')
      return [...removed.map(remove), ...added.flatMap((id) => read(id, false))]
    },
  }
}

export interface Wake {
  /** Time to look at all of them, closely. */
  readonly isDue: boolean
  /** The jobs whose files changed. */
  readonly hinted: readonly string[]
}

export interface Wakes {
  readonly first: Wake | undefined
  /** undefined: it is to end. */
  readonly next: () => Promise<Wake | undefined>
  readonly add: (paths: JobPaths, isSeries: boolean) => void
  readonly remove: (paths: JobPaths) => void
  readonly close: () => Promise<void>
}

/** When to look again. */
export const startWakes = (spool: string, signal: AbortSignal | undefined): Wakes => {
  const { hint, changed } = gatherHints()
  const hinted = new Set<string>()
  let isDue = true
  let isOver = signal?.aborted === true
  // Of files: a job's output wakes nobody, and jobs that are over cost nothing. chokidar on the directory of ten thousand jobs would
  // stat each of them at every change.
  const files = watchPaths([], { ignoreInitial: true })
  files.on('all', (_, path) => {
    hinted.add(basename(dirname(path)))
    hint()
  })
  // No inotify instance left: the heartbeat is.
  files.on('error', hint)
  const directory = watchDirectory(jobsDir(spool))
  const heartbeat = setInterval(() => {
    isDue = true
    hint()
  }, HEARTBEAT_MS)
  const stop = (): void => {
    isOver = true
    directory.close()
    hint()
  }
  signal?.addEventListener('abort', stop)
  const relay = async (): Promise<void> => {
    for (; !isOver; hint()) await directory.changed()
  }
  void relay()
  return {
    first: isOver ? undefined : { isDue: false, hinted: [] },
    next: async () => {
      await changed()
      const wake = { isDue, hinted: [...hinted] }
      isDue = false
      hinted.clear()
      return isOver ? undefined : wake
    },
    add: ({ events, runs }, isSeries) => void files.add(isSeries ? [events, runs] : events),
    remove: ({ events, runs }) => void files.unwatch([events, runs]),
    close: async () => {
      signal?.removeEventListener('abort', stop)
      stop()
      clearInterval(heartbeat)
      await files.close()
    },
  }
}

/** @returns a function that gives the ids, or undefined when they are the same as at its last call */
const startListing = (spool: string, only: ReadonlySet<string> | null): (() => Set<string> | undefined) => {
  let seen = ''
  return () => {
    const stats = statSync(jobsDir(spool), { bigint: true, throwIfNoEntry: false })
    // Each name that comes or goes changes its directory's time.
    const found = stats === undefined || checkSpool(spool) !== undefined ? 'none' : `${stats.ino} ${stats.mtimeNs}`
    if (found === seen) return undefined
    // What changes within the same tick of the kernel's clock leaves the same time: what is new is looked at again.
    const isFresh = stats !== undefined && Date.now() - Number(stats.mtimeNs / 1_000_000n) < FRESH_MS
    seen = isFresh ? '' : found
    if (found === 'none') return new Set()
    const ids = listIds(spool)
    return new Set(only === null ? ids : ids.filter((id) => only.has(id)))
  }
}

/** Nothing happens to it any more. */
const isClosed = (paths: JobPaths): boolean => {
  const stats = statSync(paths.state, { throwIfNoEntry: false })
  if (stats !== undefined && isFinal(stats)) return true
  const state = readState(paths.state)
  if (!state.ok || state.value.job.phase !== 'ended' || state.value.job.link.status !== 'closed') return false
  return !isOnExitOpen(paths) && !isCallbackOpen(paths)
}
