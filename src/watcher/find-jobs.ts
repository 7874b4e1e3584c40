/** The jobs of a spool, and the one that a person means. */
import { lstatSync, readdirSync } from 'node:fs'
import { isJobId, jobPaths, jobsDir } from '../spool/layout.ts'
import { type JobView, viewJob } from './job-view.ts'

export type FindFault =
  | { readonly code: 'no_such_job'; readonly name: string }
  | { readonly code: 'ambiguous'; readonly name: string; readonly candidates: readonly JobView[] }

export type Found = { readonly ok: true; readonly view: JobView } | { readonly ok: false; readonly fault: FindFault }

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

/** All of them, newest first. */
export const listJobs = (spool: string, now: number): JobView[] =>
  listIds(spool)
    .map((id) => viewJob(jobPaths(spool, id), now))
    .filter((view) => !isGone(view))
    .sort((a, b) => createdAt(b) - createdAt(a))

/** undefined: it was removed. */
export const viewById = (spool: string, id: string, now: number): JobView | undefined => {
  const view = viewJob(jobPaths(spool, id), now)
  return isGone(view) ? undefined : view
}

/** Removed between the listing and the reading. */
const isGone = ({ spec, state }: JobView): boolean =>
  !spec.ok && !state.ok && spec.fault.code === 'missing' && state.fault.code === 'missing'

const createdAt = ({ spec }: JobView): number => (spec.ok ? Date.parse(spec.value.created.time) : 0)

/**
 * The job that `name` stands for: an id, a name that was given to jobs (of several the newest, one that has not ended before all), `last`,
 * or the beginning of one id. A name goes before a beginning: a script that uses it must not break when an id begins like it.
 */
export const findJob = (spool: string, name: string, now: number): Found => {
  if (isJobId(name) && lstatSync(jobPaths(spool, name).dir, { throwIfNoEntry: false })?.isDirectory() === true) {
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
