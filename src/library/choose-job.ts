/** Which jobs a command is about. */

import type { Limits } from '../domain/spec.ts'
import { checkSpool } from '../spool/guard.ts'
import type { JobPaths } from '../spool/layout.ts'
import { findJob, isGone, listJobs } from '../watcher/find-jobs.ts'
import { type JobView, viewJob } from '../watcher/job-view.ts'
import type { Problem } from './problem.ts'
import type { Surroundings } from './surroundings.ts'

type Looking = Pick<Surroundings, 'spool' | 'now'>

export interface Attached {
  readonly id: string
  readonly paths: JobPaths
  readonly host: string | null
  /** null: its spec can't be read. */
  readonly limits: Limits | null
}

/** undefined: the spool is safe to read, or there is none. */
export const checkOwnSpool = ({ spool }: Pick<Looking, 'spool'>): Problem | undefined => {
  const fault = checkSpool(spool)
  return fault === undefined || fault.code === 'absent' ? undefined : { code: 'spool', fault }
}

/** The job of that name; without one, the only job that is running. */
export const chooseOne = (context: Looking, name: string | undefined): JobView | Problem => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  if (name !== undefined) {
    const found = findJob(context.spool, name, context.now())
    return found.ok ? found.view : found.fault
  }
  // None that is over runs.
  const jobs = listJobs(context.spool, context.now(), context.now())
  const [only, ...others] = jobs.filter(({ verdict }) => verdict !== 'ended')
  if (only === undefined) return { code: 'none_running', newest: listJobs(context.spool, context.now())[0] }
  return others.length === 0 ? only : { code: 'several_running', candidates: [only, ...others] }
}

/** The jobs of these names, each once. The first name that means no job is the problem. */
export const chooseEach = (context: Looking, names: readonly string[]): JobView[] | Problem => {
  const views = new Map<string, JobView>()
  for (const name of names) {
    const view = chooseOne(context, name)
    if ('code' in view) return view
    views.set(view.id, view)
  }
  return [...views.values()]
}

export const hostOf = ({ spec }: JobView): string | null => (spec.ok ? spec.value.host : null)

/** The view's own name for messages, and where it lies. */
export const jobOf = (view: JobView): Attached => ({
  id: view.id,
  paths: view.paths,
  host: hostOf(view),
  limits: view.spec.ok ? view.spec.value.limits : null,
})

/** A job as a program names it: what `start`, `list` or `find` gave; or as a person does: an id, the beginning of one, a name, `last`. */
export type JobLike = string | Pick<JobView, 'id' | 'paths'>

/** The job as it is now. */
export const lookUp = (around: Looking, job: JobLike): JobView | Problem => {
  if (typeof job === 'string') return chooseOne(around, job)
  const view = viewJob(job.paths, around.now())
  return isGone(view) ? { code: 'gone', id: job.id } : view
}
