/** Waits until jobs have ended: all of them, or the first of several. */
import type { JobPaths } from '../spool/layout.ts'
import type { State } from '../spool/state.ts'
import { keepAttended, type Recovery } from './keep-attended.ts'
import { openState } from './state-reader.ts'
import { findTrouble, type Trouble } from './trouble.ts'
import { beat, type Watch, watchDirectory } from './watch-directory.ts'

export type Waited = { readonly kind: 'ended'; readonly state: State } | Trouble

export interface WaitOptions {
  readonly until: 'all' | 'any'
  /** Stops waiting. */
  readonly signal?: AbortSignal
  /** What is done for each when its chaperone is gone. */
  readonly recovery?: (paths: JobPaths) => Recovery
}

/** @returns what became of each, in the order given; undefined: it goes on (another ended first, or the waiting was stopped) */
export const waitForJobs = async (jobs: readonly JobPaths[], options: WaitOptions): Promise<(Waited | undefined)[]> => {
  const { signal } = options
  const looks = jobs.map((paths) => lookAt(paths, options.recovery?.(paths) ?? {}))
  const results = new Map<number, Waited>()
  const isSettled = async (): Promise<boolean> => {
    for (const [index, look] of looks.entries()) {
      if (results.has(index)) continue
      const result = await look()
      if (result !== undefined) results.set(index, result)
    }
    return results.size === jobs.length || (options.until === 'any' && results.size > 0)
  }
  // Those that are over already are not watched.
  if (!signal?.aborted && !(await isSettled())) {
    const watch = await watchFor(jobs.filter((_, index) => !results.has(index)))
    const stop = (): void => watch.close()
    signal?.addEventListener('abort', stop)
    try {
      while (!signal?.aborted && !(await isSettled())) await watch.changed()
    } finally {
      signal?.removeEventListener('abort', stop)
      watch.close()
    }
  }
  return jobs.map((_, index) => results.get(index))
}

/** Jobs that are watched at once: each costs 70 KiB and is to be found in many tables. */
const MOST_WATCHED = 250
/** Milliseconds between looks at more. */
const POLL_MS = 500

const watchFor = async (jobs: readonly JobPaths[]): Promise<Watch> => {
  const [only] = jobs
  if (only !== undefined && jobs.length === 1) return watchDirectory(only.dir)
  if (jobs.length > MOST_WATCHED) return beat(POLL_MS)
  const { watchSpool } = await import('./watch-spool.ts')
  return watchSpool(
    jobs.map(({ dir }) => dir),
    0,
  )
}

const lookAt = (paths: JobPaths, recovery: Recovery): (() => Promise<Waited | undefined>) => {
  const state = openState(paths.state)
  const attendance = keepAttended(paths, recovery)
  return async () => {
    const { read } = state()
    if (read.ok && read.value.job.phase === 'ended') return { kind: 'ended', state: read.value }
    return findTrouble(paths, read) ?? attendance()
  }
}
