/** Starts again what failed in a group. */
import { exitStatusOfJob } from '../domain/job.ts'
import type { GroupPlace } from '../domain/spec.ts'
import type { JobView } from '../watcher/job-view.ts'
import { checkOwnSpool, findMembers } from './choose-job.ts'
import { readEnvironment } from './draft.ts'
import { checkMaxParallel, concludeStart, putGroupToWork, type StartedGroup } from './group.ts'
import { attempt, isProblem, type Problem, usage } from './problem.ts'
import { type NotKept, type Redraft, redraft } from './rerun.ts'
import type { StartOptions } from './start.ts'
import { type Surroundings, surroundingsOf } from './surroundings.ts'

/** What may be said anew; all else is as it was. */
export interface Retry {
  /** The values of the environment, all of them: they are not kept. */
  readonly env?: Readonly<Record<string, string>>
  /** For the receiver of their callbacks: it is not kept. */
  readonly callbackToken?: string
  readonly maxParallel?: number
  readonly failFast?: boolean
}

/** Of a group's jobs, and what is on each one's stdin. */
export interface GroupDraft {
  readonly drafts: readonly Redraft[]
  readonly options: Pick<GroupPlace, 'maxParallel' | 'failFast' | 'retryOf'>
}

/**
 * A new group, of new jobs for those of a group that ended with another status than 0.
 * @param group what `startGroup` gave, or its id
 * @returns usage: there is no such group, nothing failed in it, values of its environment are missing, a callback's URL has no `{id}`, or what is
 * said anew is wrong; others as of `startGroup`
 */
export const retryFailed = (
  group: string | Pick<StartedGroup, 'id'>,
  { env, callbackToken, maxParallel, failFast, ...options }: Retry & StartOptions = {},
): Promise<StartedGroup | Problem> =>
  attempt<StartedGroup | Problem>(async () => {
    const around = surroundingsOf(options)
    const id = typeof group === 'string' ? group : group.id
    const wrong = checkMaxParallel(maxParallel ?? null)
    if (wrong !== undefined) return wrong
    const values = readEnvironment(around, env ?? {})
    if (isProblem(values)) return values
    const notKept = { env: values, callbackToken: callbackToken ?? null }
    const asked = draftRetry(around, id, { ...notKept, maxParallel, failFast })
    if (isProblem(asked)) return asked
    const put = await putGroupToWork(around, asked.drafts, asked.options, { askerFor: () => options.askSecret })
    return isProblem(put) ? put : concludeStart(put, await put.begun(options.waitStarted))
  })

interface Again extends NotKept {
  readonly maxParallel: number | undefined
  readonly failFast: boolean | undefined
}

/** @throws ErrnoException when what was on a job's stdin can't be read */
export const draftRetry = (
  around: Surroundings,
  group: string,
  { maxParallel, failFast, ...notKept }: Again,
): GroupDraft | Problem => {
  const failed = findFailed(around, group)
  if (isProblem(failed)) return failed
  const drafts: Redraft[] = []
  for (const view of failed) {
    const again = redraft(around, view, notKept)
    if (isProblem(again)) return again
    drafts.push(again)
  }
  const before = failed[0]?.spec.ok ? failed[0].spec.value.group : null
  return {
    drafts,
    options: {
      maxParallel: maxParallel ?? before?.maxParallel ?? null,
      failFast: failFast ?? before?.failFast ?? false,
      retryOf: group,
    },
  }
}

const findFailed = (around: Surroundings, name: string): readonly JobView[] | Problem => {
  const views = checkOwnSpool(around) ?? findMembers(around, name)
  if (isProblem(views)) return views
  const failed = views.filter(({ state }) => state.ok && (exitStatusOfJob(state.value.job) ?? 0) !== 0)
  if (failed.length > 0) return failed
  const left = views.filter(({ verdict }) => verdict !== 'ended').length
  return usage(
    `no job of ${name} has failed`,
    left > 0 ? `${left} of them have not ended: chap wait ${name}` : undefined,
  )
}
