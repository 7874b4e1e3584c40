/** Removes jobs that ended long ago, with all of their output, and what interrupted starts and removals left behind. */
import { join } from 'node:path'
import { exitStatusOfJob } from '../domain/job.ts'
import { removeEmptyGroups } from '../spool/groups.ts'
import { jobsDir } from '../spool/layout.ts'
import { viewCallback } from '../watcher/callback.ts'
import { measureDisk } from '../watcher/disk-use.ts'
import { listJobs } from '../watcher/find-jobs.ts'
import { retireJob } from '../watcher/history.ts'
import { findNewer, type JobView } from '../watcher/job-view.ts'
import { viewOnExit } from '../watcher/on-exit.ts'
import { sweepLeftovers } from '../watcher/remove-jobs.ts'
import { checkOwnSpool } from './choose-job.ts'
import { attempt, type Problem } from './problem.ts'
import { type InSpool, type Surroundings, surroundingsOf } from './surroundings.ts'

/** Each leaves fewer jobs to be removed. */
export interface PruneOptions extends InSpool {
  /** Milliseconds since they ended; 14 days, and with `keep` however long ago. */
  readonly olderThan?: number
  /** So many that ended last stay; with `failed`, of those. */
  readonly keep?: number
  /** Only those that did not end well: of which `exitStatusOfJob` is not 0. */
  readonly failed?: boolean
  /** Say which, and remove nothing. */
  readonly dryRun?: boolean
}

/** A job that would go, and stays: its files on its host are not removed yet, its --on-exit is not over, or its callback has not got all. */
export interface Held {
  readonly id: string
  readonly why: 'not_collected' | 'on_exit_pending' | 'callback_pending'
}

export interface Pruned {
  readonly ids: readonly string[]
  /** The same, with what each took of the disk. */
  readonly jobs: readonly { readonly id: string; readonly bytes: number }[]
  /** Names of what interrupted starts and removals had left half made. */
  readonly leftovers: readonly string[]
  readonly held: readonly Held[]
  /** What all of it took of the disk. */
  readonly bytes: number
}

const FORTNIGHT_MS = 14 * 24 * 3_600_000

export const prune = (options: PruneOptions = {}): Promise<Pruned | Problem> =>
  attempt(async () => {
    const around = surroundingsOf(options)
    return checkOwnSpool(around) ?? (await carryOutPrune(around, planPrune(around, options), options.dryRun ?? false))
  })

/** What is to be removed, which is all there still. */
export interface PrunePlan {
  readonly goes: readonly { readonly view: JobView; readonly bytes: number }[]
  readonly held: readonly Held[]
  readonly leftovers: readonly { readonly name: string; readonly bytes: number }[]
}

export const planPrune = ({ spool, now }: Pick<Surroundings, 'spool' | 'now'>, options: PruneOptions): PrunePlan => {
  const { goes, held } = choosePrunable(listJobs(spool, now()), now(), options)
  return {
    goes: goes.map((view) => ({ view, bytes: measureDisk(view.paths.dir) })),
    held,
    leftovers: sweepLeftovers(spool, now(), true).map((name) => ({
      name,
      bytes: measureDisk(join(jobsDir(spool), name)),
    })),
  }
}

/** @throws ErrnoException for what the system refuses */
export const carryOutPrune = async (
  { spool, now }: Pick<Surroundings, 'spool' | 'now'>,
  { goes, held, leftovers }: PrunePlan,
  isDryRun: boolean,
): Promise<Pruned> => {
  const jobs: { id: string; bytes: number }[] = []
  // Somebody else may remove one meanwhile.
  for (const { view, bytes } of goes) if (isDryRun || (await retireJob(spool, view))) jobs.push({ id: view.id, bytes })
  if (!isDryRun) {
    removeEmptyGroups(spool)
    sweepLeftovers(spool, now(), false)
  }
  return {
    ids: jobs.map(({ id }) => id),
    jobs,
    leftovers: leftovers.map(({ name }) => name),
    held,
    bytes: [...jobs, ...leftovers].reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** What can't be read, and what has not ended, is left as it is. */
export const choosePrunable = (
  views: readonly JobView[],
  now: number,
  { olderThan, keep, failed = false }: PruneOptions,
): { readonly goes: readonly JobView[]; readonly held: readonly Held[] } => {
  const before = now - (olderThan ?? (keep === undefined ? FORTNIGHT_MS : 0))
  const old = views
    .flatMap((view) => {
      const endedAt = endOf(view)
      return endedAt === null || (failed && hasEndedWell(view)) ? [] : [{ view, endedAt }]
    })
    .toSorted((one, other) => other.endedAt - one.endedAt)
    .slice(keep ?? 0)
    .filter(({ endedAt }) => endedAt <= before)
    .map(({ view }) => ({ view, why: whyHeld(view) }))
  return {
    goes: old.flatMap(({ view, why }) => (why === null ? [view] : [])),
    held: old.flatMap(({ view: { id }, why }) => (why === null ? [] : [{ id, why }])),
  }
}

/** Milliseconds since the epoch; null: it has not ended, as far as can be read. */
const endOf = (view: JobView): number | null => {
  const { spec, state } = view
  if (!spec.ok || !state.ok || findNewer(view) !== undefined || state.value.job.phase !== 'ended') return null
  // By this machine's clock, as all that it is compared with: the end's own time is by that of the job's machine.
  return Date.parse(state.value.updated)
}

const hasEndedWell = ({ state }: JobView): boolean => state.ok && exitStatusOfJob(state.value.job) === 0

const whyHeld = (view: JobView): Held['why'] | null => {
  if (view.state.ok && view.state.value.job.link.status !== 'closed') return 'not_collected'
  if ((viewOnExit(view)?.kind ?? 'over') !== 'over') return 'on_exit_pending'
  return (viewCallback(view)?.kind ?? 'delivered') === 'delivered' ? null : 'callback_pending'
}
