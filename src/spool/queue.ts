/**
 * The turns of a group of which only so many jobs may run at once. The job at place `n` may run when the turn `n` is given. A turn is a file
 * that can be made only once, and is given when, of the jobs before it, fewer than so many have not ended. What has ended stays ended:
 * so of any number of givers, stopped for however long, no two can give one turn too many, and no lock is needed.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import type { GroupPlace, Spec } from '../domain/spec.ts'
import { syncDirectory } from './atomic.ts'
import { claimTurn, readGroup } from './groups.ts'
import { groupPaths, type JobPaths, jobPaths, spoolOf } from './layout.ts'
import { readState } from './state.ts'

/** When the job's turn came, in milliseconds since the epoch; null: it waits for it; undefined: it needs none. */
export const turnOf = (paths: JobPaths, { group }: Pick<Spec, 'group'>): number | null | undefined => {
  if (group === null || group.maxParallel === null) return undefined
  const { turns } = groupPaths(spoolOf(paths), group.id)
  return statSync(`${turns}/${group.index + 1}`, { throwIfNoEntry: false })?.mtimeMs ?? null
}

/** Is a turn free? Only a look: nothing is given. */
export const hasTurnsToGive = (spool: string, group: GroupPlace): boolean => findTurn(spool, group, none) !== undefined

/** Gives the turns that are free. @returns the jobs that may begin now: each is to be given a chaperone by the caller */
export const giveTurns = (spool: string, group: GroupPlace): JobPaths[] => {
  const begun: JobPaths[] = []
  for (let found = findTurn(spool, group, none); found !== undefined; found = findTurn(spool, group, found)) {
    // One that was killed while it waited, or was removed, has a turn and doesn't use it.
    if (claimTurn(spool, group.id, found.turns + 1) && isBusy(spool, found.next, true))
      begun.push(jobPaths(spool, found.next))
  }
  if (begun.length > 0) syncDirectory(groupPaths(spool, group.id).turns)
  return begun
}

/** How many turns were given at a look, and which of those jobs have not ended. */
interface Seen {
  readonly turns: number
  readonly busy: readonly string[]
}

const none: Seen = { turns: 0, busy: [] }

/** @param seen of the look before: what had ended then is not looked at again */
const findTurn = (
  spool: string,
  { id, maxParallel }: GroupPlace,
  seen: Seen,
): (Seen & { readonly next: string }) | undefined => {
  const jobs = readGroup(spool, id)
  if (jobs === undefined || maxParallel === null) return undefined
  const group = groupPaths(spool, id)
  const isReady = existsSync(group.ready)
  const turns = readdirSync(group.turns).length
  const next = jobs[turns]
  // What is not there may still come, while the group is being made.
  if (next === undefined || (!isReady && !existsSync(jobPaths(spool, next).dir))) return undefined
  const busy = [...seen.busy, ...jobs.slice(seen.turns, turns)].filter((job) => isBusy(spool, job, isReady))
  return busy.length < maxParallel ? { turns, busy, next } : undefined
}

const isBusy = (spool: string, job: string, isReady: boolean): boolean => {
  const paths = jobPaths(spool, job)
  if (!existsSync(paths.dir)) return !isReady
  const state = readState(paths.state)
  return !(state.ok && state.value.job.phase === 'ended')
}
