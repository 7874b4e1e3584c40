/** Brings back the chaperones of jobs that lost them. */
import type { AskSecret, SecretSource } from '../domain/secret.ts'
import { viewCallback } from '../watcher/callback.ts'
import { listJobs } from '../watcher/find-jobs.ts'
import { isLeftUncollected, type JobView } from '../watcher/job-view.ts'
import { viewOnExit } from '../watcher/on-exit.ts'
import { type Recovered, recoverJob } from '../watcher/recover.ts'
import { tendGroup } from '../watcher/tend-group.ts'
import { checkOwnSpool, type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem, problemOfTrouble } from './problem.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'

export interface RecoverOptions extends InSpool {
  /** Answers for a password that is typed. */
  readonly askSecret?: AskSecret
}

export interface Recovery {
  readonly id: string
  /** recovered: a new chaperone took over. attended: there was nothing to do. */
  readonly kind: 'recovered' | 'attended'
}

/** Sees that a job has a chaperone. attach, wait and kill do so by themselves for the job they are about. */
export const recover = (job: JobLike, options: RecoverOptions = {}): Promise<Recovery | Problem> =>
  attempt(async () => {
    const view = lookUp(surroundingsOf(options), job)
    return isProblem(view) ? view : recoverOne(view, true, options)
  })

/** The same for all jobs, one after the other, as after a reboot. @returns what was done for those that needed it */
export const recoverAll = (options: RecoverOptions = {}): Promise<(Recovery | Problem)[] | Problem> =>
  attempt(async () => {
    const around = surroundingsOf(options)
    const unsafe = checkOwnSpool(around)
    if (unsafe !== undefined) return unsafe
    const results: (Recovery | Problem)[] = []
    for (const view of listJobs(around.spool, around.now())) {
      // A turn may be due that a dead chaperone was to give.
      if (view.spec.ok) await tendGroup(view.paths, view.spec.value, options.askSecret)
      if (needsRecovery(view, false)) results.push(await recoverOne(view, false, options))
    }
    return results
  })

/** @param isNamed of one that was asked about, "nothing certain can be said" is no answer: trying to replace its chaperone is */
export const needsRecovery = (view: JobView, isNamed: boolean): boolean =>
  view.verdict === 'orphaned' ||
  (view.verdict === 'suspect' && isNamed) ||
  isLeftUncollected(view) ||
  viewOnExit(view)?.kind === 'left' ||
  viewCallback(view)?.kind === 'left'

/** undefined: it has its chaperone, or needs none. */
export const recoverView = async (
  view: JobView,
  isNamed: boolean,
  askSecret?: AskSecret,
  source?: SecretSource,
): Promise<Recovered | undefined> =>
  needsRecovery(view, isNamed) ? recoverJob(view.paths, askSecret, source) : undefined

const recoverOne = async (
  view: JobView,
  isNamed: boolean,
  { askSecret }: RecoverOptions,
): Promise<Recovery | Problem> => {
  const { id } = view
  const recovered = await recoverView(view, isNamed, askSecret)
  const problem = recovered === undefined ? undefined : problemOfRecovered(id, recovered)
  return problem ?? { id, kind: recovered?.kind === 'recovered' ? 'recovered' : 'attended' }
}

/** Why nobody attends to a job after all; undefined: somebody does. */
export const problemOfRecovered = (id: string, recovered: Recovered): Problem | undefined => {
  switch (recovered.kind) {
    case 'attended':
    case 'recovered':
      return undefined
    case 'elsewhere':
      return { code: 'elsewhere', id, host: recovered.host }
    case 'failed':
      return { code: 'unattended', id, evidence: recovered.evidence }
    default:
      return problemOfTrouble(id, recovered)
  }
}
