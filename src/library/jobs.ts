/** The jobs of a spool, for a program. Looking makes no network call, and asks no chaperone. */
import { findJob, hasLabels, listJobs } from '../watcher/find-jobs.ts'
import type { JobView } from '../watcher/job-view.ts'
import { checkOwnSpool, findMembers, type JobLike, lookUp } from './choose-job.ts'
import { documentOfJob } from './job-document.ts'
import { attempt, isProblem, type Problem } from './problem.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'

export interface ListOptions extends InSpool {
  /** Only jobs that have all of these. */
  readonly label?: Readonly<Record<string, string>>
  /** Only those of this group, in its order. */
  readonly group?: string
}

/**
 * All jobs, newest first: what was asked of each, how it is, and whether it is looked after (`verdict`). A job whose records can't be read
 * is among them, with the reason in place of the record.
 * @returns spool; usage: there is no such group
 */
export const list = (options: ListOptions = {}): Promise<JobView[] | Problem> =>
  attempt<JobView[] | Problem>(() => {
    const around = surroundingsOf(options)
    const { label = {}, group } = options
    const unsafe = checkOwnSpool(around)
    if (unsafe !== undefined) return unsafe
    const jobs = group === undefined ? listJobs(around.spool, around.now()) : findMembers(around, group)
    return isProblem(jobs) ? jobs : jobs.filter((view) => hasLabels(view, label))
  })

/** The job that a name stands for: an id, the beginning of one, a name given to it (of several the newest that runs), or `last`. */
export const find = (name: string, options: InSpool = {}): Promise<JobView | Problem> =>
  attempt(() => {
    const around = surroundingsOf(options)
    const unsafe = checkOwnSpool(around)
    if (unsafe !== undefined) return unsafe
    const found = findJob(around.spool, name, around.now())
    return found.ok ? found.view : found.fault
  })

/** All that is known of a job, as `chap inspect --json` prints it. Values of its environment are not in it. */
export const inspect = (job: JobLike, options: InSpool = {}): Promise<Readonly<Record<string, unknown>> | Problem> =>
  attempt(() => {
    const view = lookUp(surroundingsOf(options), job)
    return isProblem(view) ? view : { ...documentOfJob(view) }
  })
