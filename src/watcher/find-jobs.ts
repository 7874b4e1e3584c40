/** The jobs of a spool, and the one that a person means. */
import { lstatSync, readdirSync, statSync } from 'node:fs'
import { readGroup } from '../spool/groups.ts'
import { isJobId, jobPaths, jobsDir } from '../spool/layout.ts'
import { momentOf, noteRecent, readRecent } from '../spool/recent.ts'
import { isFinal } from '../spool/state.ts'
import { type JobView, viewJob } from './job-view.ts'

export type FindFault =
  | { readonly code: 'no_such_job'; readonly name: string }
  | { readonly code: 'ambiguous'; readonly name: string; readonly candidates: readonly JobView[] }

export type Found = { readonly ok: true; readonly view: JobView } | { readonly ok: false; readonly fault: FindFault }

/** All ids, in no order. */
export const listIds = (spool: string): string[] => {
  try {
    // A symlink is no job: it leads to where somebody else may write.
    return readdirSync(jobsDir(spool), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && isJobId(entry.name))
      .map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** A note of the others is worth so many looks at jobs that are over. */
const WORTH = 200
/** Who asks for less than this, in milliseconds, leaves no note: it would serve nobody else. */
const LEAST_MS = 3_600_000

/** Those that are not over, or were not before `since`. Names alone are read, and of few of them is asked what they are. */
const listIdsSince = (spool: string, now: number, since: number): string[] => {
  try {
    const dir = jobsDir(spool)
    const moment = momentOf(spool)
    const names = readRecent(spool, moment, since) ?? readdirSync(dir)
    const ids = names.filter((name) => isJobId(name) && isJobSince(`${dir}/${name}`, since))
    if (names.length - ids.length >= WORTH && now - since >= LEAST_MS) noteRecent(spool, moment, now, since, ids)
    return ids
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const isJobSince = (dir: string, since: number): boolean =>
  !isOverBefore(`${dir}/state.json`, since) && lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() === true

/**
 * All of them, newest first.
 * @param since milliseconds since the epoch: jobs that are over and whose last record is older are passed over, unread, where their
 * state says so by its mode
 */
export const listJobs = (spool: string, now: number, since = Number.NEGATIVE_INFINITY): JobView[] =>
  (since === Number.NEGATIVE_INFINITY ? listIds(spool) : listIdsSince(spool, now, since))
    .map((id) => viewJob(jobPaths(spool, id), now))
    .filter((view) => !isGone(view))
    .sort((a, b) => createdAt(b) - createdAt(a))

/** One call of the system for each of ten thousand jobs; to read a state takes five times as long. */
const isOverBefore = (state: string, since: number): boolean => {
  const stats = statSync(state, { throwIfNoEntry: false })
  return stats !== undefined && stats.mtimeMs < since && isFinal(stats)
}

/** undefined: it was removed. */
export const viewById = (spool: string, id: string, now: number): JobView | undefined => {
  const view = viewJob(jobPaths(spool, id), now)
  return isGone(view) ? undefined : view
}

/** Removed between the listing and the reading. */
export const isGone = ({ spec, state }: JobView): boolean =>
  !spec.ok && !state.ok && spec.fault.code === 'missing' && state.fault.code === 'missing'

export const createdAt = ({ spec }: JobView): number => (spec.ok ? Date.parse(spec.value.created.time) : 0)

/** The jobs of a group that are there, in their order; undefined: there is no such group. */
export const findGroup = (spool: string, id: string, now: number): JobView[] | undefined =>
  readGroup(spool, id)
    ?.map((job) => viewJob(jobPaths(spool, job), now))
    .filter((view) => !isGone(view))

/** Is there a job of just this id? */
const hasJob = (spool: string, id: string): boolean =>
  isJobId(id) && lstatSync(jobPaths(spool, id).dir, { throwIfNoEntry: false })?.isDirectory() === true

/** All that `name` stands for: a job's id goes before a group's, and that before a job's name. */
export const findAll = (
  spool: string,
  name: string,
  now: number,
): { readonly ok: true; readonly views: readonly JobView[] } | Extract<Found, { ok: false }> => {
  const group = hasJob(spool, name) ? undefined : findGroup(spool, name, now)
  if (group !== undefined) return { ok: true, views: group }
  const found = findJob(spool, name, now)
  return found.ok ? { ok: true, views: [found.view] } : found
}

/**
 * The job that `name` stands for: an id, a name that was given to jobs (of several the newest, one that has not ended before all), `last`,
 * or the beginning of one id. A name goes before a beginning: a script that uses it must not break when an id begins like it.
 */
export const findJob = (spool: string, name: string, now: number): Found => {
  if (hasJob(spool, name)) {
    const view = viewJob(jobPaths(spool, name), now)
    if (!isGone(view)) return { ok: true, view }
  }
  return chooseJob(listJobs(spool, now), name)
}

/** @param jobs newest first */
export const chooseJob = (jobs: readonly JobView[], name: string): Found => {
  const named = jobs.filter(({ spec }) => spec.ok && spec.value.name === name)
  const chosen =
    jobs.find(({ id }) => id === name) ??
    named.find(({ verdict }) => verdict !== 'ended') ??
    named[0] ??
    (name === 'last' ? jobs[0] : undefined)
  if (chosen !== undefined) return { ok: true, view: chosen }
  const candidates = name === '' ? [] : jobs.filter(({ id }) => id.startsWith(name))
  const [first] = candidates
  if (first === undefined) return { ok: false, fault: { code: 'no_such_job', name } }
  if (candidates.length > 1) return { ok: false, fault: { code: 'ambiguous', name, candidates } }
  return { ok: true, view: first }
}

/** Has the job all of these labels? */
export const hasLabels = ({ spec }: JobView, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([key, value]) => spec.ok && spec.value.labels[key] === value)
