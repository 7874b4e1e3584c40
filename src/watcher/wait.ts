/** Waits until jobs have ended: all of them, or the first of several. */
import type { JobPaths } from '../spool/layout.ts'
import type { State } from '../spool/state.ts'
import { keepAttended, type Recovery } from './keep-attended.ts'
import { openState } from './state-reader.ts'
import { findTrouble, type Trouble } from './trouble.ts'
import { type Watch, watchDirectory } from './watch-directory.ts'

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
  const watch = await watchFor(jobs)
  const stop = (): void => watch.close()
  signal?.addEventListener('abort', stop)
  const looks = jobs.map((paths) => lookAt(paths, options.recovery?.(paths) ?? {}))
  const results = new Map<number, Waited>()
  try {
    while (!signal?.aborted) {
      for (const [index, look] of looks.entries()) {
        if (results.has(index)) continue
        const result = await look()
        if (result !== undefined) results.set(index, result)
      }
      if (results.size === jobs.length || (options.until === 'any' && results.size > 0)) break
      await watch.changed()
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    watch.close()
  }
  return jobs.map((_, index) => results.get(index))
}

const watchFor = async (jobs: readonly JobPaths[]): Promise<Watch> => {
  const [only] = jobs
  if (only !== undefined && jobs.length === 1) return watchDirectory(only.dir)
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
