/** Which jobs a command is about. */

import type { Limits } from '../domain/spec.ts'
import { checkSpool } from '../spool/guard.ts'
import type { JobPaths } from '../spool/layout.ts'
import { findAll, findGroup, hasLabels, isGone, listJobs } from '../watcher/find-jobs.ts'
import { type JobView, viewJob } from '../watcher/job-view.ts'
import { isProblem, type Problem, usage } from './problem.ts'
import type { Surroundings } from './surroundings.ts'

type Looking = Pick<Surroundings, 'spool' | 'now'>

export interface Attached {
  readonly id: string
  readonly paths: JobPaths
  readonly host: string | null
  /** null: its spec can't be read. */
  readonly limits: Limits | null
}

/** Jobs by what they have in common. */
export interface Selection {
  readonly group?: readonly string[]
  readonly label?: Readonly<Record<string, string>>
  readonly all?: boolean
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
    const found = findAll(context.spool, name, context.now())
    if (!found.ok) return found.fault
    const [view, ...more] = found.views
    if (view !== undefined && more.length === 0) return view
    return usage(`${name} is a group of ${found.views.length} jobs`, `name one of them: chap ls -a --group ${name}`)
  }
  // None that is over runs.
  const jobs = listJobs(context.spool, context.now(), context.now())
  const [only, ...others] = jobs.filter(({ verdict }) => verdict !== 'ended')
  if (only === undefined) return { code: 'none_running', newest: listJobs(context.spool, context.now())[0] }
  return others.length === 0 ? only : { code: 'several_running', candidates: [only, ...others] }
}

/** The jobs of these names, a group's name for all of its jobs; each once. The first name that means no job is the problem. */
export const chooseEach = (context: Looking, names: readonly string[]): JobView[] | Problem => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const views = new Map<string, JobView>()
  for (const name of names) {
    const found = findAll(context.spool, name, context.now())
    if (!found.ok) return found.fault
    for (const view of found.views) views.set(view.id, view)
  }
  return [...views.values()]
}

export const findMembers = ({ spool, now }: Looking, group: string): JobView[] | Problem =>
  findGroup(spool, group, now()) ?? usage(`there is no group ${group}`, 'chap ls -a shows jobs and their groups')

/**
 * The jobs that were named, and those that were described; each once.
 * @param isWanted which of them `--all` means
 */
export const chooseJobs = (
  context: Looking,
  names: readonly string[],
  { group: groups = [], label, all = false }: Selection,
  isWanted: (view: JobView) => boolean,
): JobView[] | Problem => {
  const named = chooseEach(context, names)
  if ('code' in named) return named
  const views = [...named]
  for (const name of groups) {
    const members = findMembers(context, name)
    if (isProblem(members)) return members
    views.push(...members.filter((view) => hasLabels(view, label ?? {})))
  }
  const isDescribed = all || (label !== undefined && groups.length === 0)
  if (isDescribed)
    views.push(
      // None that is over goes on: ten thousand of them are passed over unread.
      ...listJobs(context.spool, context.now(), all && isWanted === isGoingOn ? context.now() : undefined).filter(
        (view) => (!all || isWanted(view)) && hasLabels(view, label ?? {}),
      ),
    )
  if (views.length === 0 && names.length === 0)
    return isDescribed || groups.length > 0
      ? usage('no job is like that', 'chap ls -a shows all jobs')
      : usage('say which jobs', 'their ids, a group, --label or --all; chap ls shows them')
  return [...new Map(views.map((view) => [view.id, view])).values()]
}

export const isEnded = ({ verdict }: JobView): boolean => verdict === 'ended'
export const isGoingOn = ({ verdict }: JobView): boolean => verdict !== 'ended'

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
