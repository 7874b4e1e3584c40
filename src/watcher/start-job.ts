/** Starts a job: its directory first, then its chaperone; and waits until it is certain. */
import type { Fault } from '../domain/fault.ts'
import { createJob, type NewJob, type NewSpec } from '../spool/create.ts'
import type { State } from '../spool/state.ts'
import { lookForOwner } from './job-view.ts'
import { lastWords } from './recover.ts'
import { type GiveJob, spawnChaperone } from './spawn-chaperone.ts'
import { openState } from './state-reader.ts'
import { watchDirectory } from './watch-directory.ts'

/** Milliseconds after which a host that can't be reached is waited for no longer. */
const UNREACHABLE_MS = 10_000
/** Milliseconds in which the chaperone must have taken the job up. */
const CHAPERONE_MS = 10_000

export interface StartedJob extends NewJob {
  /** Resolves when it is known how the job began, or that this can't be known yet. */
  readonly begun: (limit?: number) => Promise<Begun>
}

export type Begun =
  /** It runs, or has run already. */
  | { readonly kind: 'certain'; readonly state: State }
  /** fault: what keeps it from beginning, at the moment or when it was tried last; null: nothing is wrong, but time is up. */
  | { readonly kind: 'pending'; readonly fault: Fault | null }
  | { readonly kind: 'failed'; readonly evidence: string }

/**
 * @param secret what `readSecret` gave for the draft's source
 * @param giveJob a chaperone that was started ahead
 * @throws ErrnoException when the job can't be put in the spool: then there is none
 */
export const startJob = (
  spool: string,
  draft: NewSpec,
  stdin: Uint8Array | null,
  secret: string | null = null,
  giveJob: GiveJob = spawnChaperone(),
): StartedJob => {
  const job = createJob(spool, draft, stdin)
  const failed = giveJob(job.paths, secret)
  return { ...job, begun: (limit) => waitUntilBegun(job, failed, limit) }
}

/** @param failed resolves to why its chaperone could not be started */
export const waitUntilBegun = async (
  { paths }: NewJob,
  failed: Promise<string>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Begun> => {
  const watch = watchDirectory(paths.dir)
  const state = openState(paths.state)
  const start = performance.now()
  let failure: string | undefined
  let last: Fault | null = null
  void failed.then((words) => {
    failure = words
  })
  try {
    for (;;) {
      const { read } = state()
      if (read.ok && read.value.job.phase !== 'launching') return { kind: 'certain', state: read.value }
      if (failure !== undefined) return { kind: 'failed', evidence: failure }
      const waited = performance.now() - start
      const fault = read.ok ? (read.value.job.disk ?? read.value.job.link.fault) : null
      // There is none while a next try is under way.
      last = fault ?? last
      if (waited > limit || (fault !== null && waited > UNREACHABLE_MS)) return { kind: 'pending', fault: last }
      if (waited > CHAPERONE_MS && lookForOwner(paths).presence === 'dead')
        return { kind: 'failed', evidence: lastWords(paths) }
      await watch.changed()
    }
  } finally {
    watch.close()
  }
}
