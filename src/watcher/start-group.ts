/** Starts a group: a job for each host, their directories one after the other while the chaperones of those before get up. */
import { availableParallelism } from 'node:os'
import type { GroupPlace } from '../domain/spec.ts'
import { readOwner } from '../spool/chaperones.ts'
import { createJob, type NewJob, type NewSpec } from '../spool/create.ts'
import { createGroup } from '../spool/groups.ts'
import { giveTurns } from '../spool/queue.ts'
import { type GiveJob, spawnChaperone } from './spawn-chaperone.ts'
import { type Begun, waitUntilBegun } from './start-job.ts'
import { watchDirectory } from './watch-directory.ts'

/** Chaperones that get up at a time: more would only be in each other's way. */
const AT_ONCE = 2 * availableParallelism() + 2
/** Milliseconds in which one must have got up, before the next is not made to wait for it any longer. */
const GETTING_UP_MS = 10_000

export interface GroupDraft {
  readonly job: NewSpec
  /** The content of its stdin, where it has one. */
  readonly stdin: Uint8Array | null
  readonly secret: string | null
}

/** queued: its turn comes later, whether or not anybody waits for it. */
export type BegunInGroup = Begun | { readonly kind: 'queued' }

export interface StartedGroup {
  readonly id: string
  readonly jobs: readonly NewJob[]
  /** Why there are fewer of them than drafts (ENOSPC, ...); null: there are not. */
  readonly error: Error | null
  /** How each began. */
  readonly begun: (limit?: number) => Promise<readonly BegunInGroup[]>
}

/**
 * @param giveFirst a chaperone that was started ahead
 * @throws ErrnoException when the group can't be put in the spool: then there is none
 */
export const startGroup = async (
  spool: string,
  drafts: readonly GroupDraft[],
  { maxParallel, failFast, retryOf }: Pick<GroupPlace, 'maxParallel' | 'failFast' | 'retryOf'>,
  giveFirst: GiveJob = spawnChaperone(),
): Promise<StartedGroup> => {
  const size = drafts.length
  const turns = Math.min(size, maxParallel ?? size)
  const { id, drawJob, makeBell, complete } = createGroup(spool, size, maxParallel === null ? 0 : turns)
  // Each gets up while this process makes a job's directory.
  const ahead: GiveJob[] = [giveFirst]
  const jobs: NewJob[] = []
  const failures: Promise<string>[] = []
  const gettingUp = new Set<Promise<void>>()
  let error: Error | null = null
  try {
    for (const [index, { job: draft, stdin, secret }] of drafts.entries()) {
      while (ahead.length + gettingUp.size < AT_ONCE && index + ahead.length < turns) ahead.push(spawnChaperone())
      const group: GroupPlace = { id, size, index, maxParallel, failFast, retryOf }
      const job = createJob(spool, { ...draft, group }, stdin, drawJob(index), makeBell)
      jobs.push(job)
      if (index >= turns) continue
      const failed = (ahead.shift() ?? spawnChaperone())(job.paths, secret)
      failures.push(failed)
      const up = waitUntilTaken(job, failed).finally(() => gettingUp.delete(up))
      gettingUp.add(up)
      if (gettingUp.size >= AT_ONCE) await Promise.race(gettingUp)
    }
  } catch (reason) {
    error = reason as Error
  }
  complete()
  // Some may have ended already.
  for (const next of giveTurns(spool, { id, size, index: 0, maxParallel, failFast, retryOf }))
    void spawnChaperone()(next, drafts[0]?.secret ?? null)
  return {
    id,
    jobs,
    error,
    begun: (limit) =>
      Promise.all(
        jobs.map((job, index): Promise<BegunInGroup> | BegunInGroup => {
          const failed = failures[index]
          return failed === undefined ? { kind: 'queued' } : waitUntilBegun(job, failed, limit)
        }),
      ),
  }
}

const waitUntilTaken = async ({ paths }: NewJob, failed: Promise<string>): Promise<void> => {
  const deadline = performance.now() + GETTING_UP_MS
  const watch = watchDirectory(paths.dir)
  let isOver = false
  void failed.then(() => {
    isOver = true
  })
  try {
    while (!isOver && readOwner(paths) === undefined && performance.now() < deadline) await watch.changed()
  } finally {
    watch.close()
  }
}
