/** Has a callback tried again: now, whatever was given up. */
import { askAgain, isAskedAgain } from '../spool/callback.ts'
import { ringDoorbell } from '../spool/doorbell.ts'
import type { JobPaths } from '../spool/layout.ts'
import { viewCallback } from '../watcher/callback.ts'
import { viewJob } from '../watcher/job-view.ts'
import { type Recovered, recoverJob } from '../watcher/recover.ts'
import { watchDirectory } from '../watcher/watch-directory.ts'
import { type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem, problemOfTrouble, usage } from './problem.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'

export interface DeliverOptions extends InSpool {
  /** Milliseconds to wait for the result; by default as long as it takes. 0: it is only asked for. */
  readonly wait?: number
}

export interface Delivered {
  readonly id: string
  /** pending: the job goes on, and the receiver has what there was; or the time to wait is over. */
  readonly result: 'delivered' | 'pending'
}

/**
 * Asks a job's chaperone to try its callback again, and brings one up where nobody lives. It is on disk when this returns, and carried out.
 * @returns undelivered: what it met. usage: the job has no callback
 */
export const deliver = (job: JobLike, options: DeliverOptions = {}): Promise<Delivered | Problem> =>
  attempt<Delivered | Problem>(async () => {
    const view = lookUp(surroundingsOf(options), job)
    if (isProblem(view)) return view
    const { id, paths } = view
    const before = viewCallback(view)
    if (before === null) return usage(`${id} has no callback`)
    if (before.kind === 'delivered') return { id, result: 'delivered' }
    askAgain(paths)
    ringDoorbell(paths.doorbell)
    return waitForResult(paths, id, performance.now() + (options.wait ?? Number.POSITIVE_INFINITY))
  })

const waitForResult = async (paths: JobPaths, id: string, deadline: number): Promise<Delivered | Problem> => {
  const watch = watchDirectory(paths.dir)
  try {
    for (;;) {
      // One that was about to leave may not have seen that it was asked.
      const unattended = problemOfRecovered(id, await recoverJob(paths))
      if (unattended !== undefined) return unattended
      const result = isAskedAgain(paths) ? undefined : readResult(paths, id)
      if (result !== undefined) return result
      if (performance.now() >= deadline) return { id, result: 'pending' }
      await watch.changed()
    }
  } finally {
    watch.close()
  }
}

const problemOfRecovered = (id: string, recovered: Recovered): Problem | undefined => {
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

/** Since it was asked; undefined: nothing is known yet. */
const readResult = (paths: JobPaths, id: string): Delivered | Problem | undefined => {
  const job = viewJob(paths, Date.now())
  const view = viewCallback(job)
  if (view?.kind === 'delivered') return { id, result: 'delivered' }
  const fault = view?.record?.fault ?? null
  if (fault !== null) return { code: 'undelivered', id, fault, isGivenUp: view?.kind === 'undelivered' }
  return job.verdict === 'ended' ? undefined : { id, result: 'pending' }
}
