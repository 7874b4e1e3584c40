/** Has a callback tried again: now, whatever was given up. */
import { statSync } from 'node:fs'
import type { StreamSizes } from '../domain/callback-reply.ts'
import { askAgain, isAskedAgain } from '../spool/callback.ts'
import { ringDoorbell } from '../spool/doorbell.ts'
import type { JobPaths } from '../spool/layout.ts'
import { viewCallback } from '../watcher/callback.ts'
import { viewJob } from '../watcher/job-view.ts'
import { recoverJob } from '../watcher/recover.ts'
import { watchDirectory } from '../watcher/watch-directory.ts'
import { type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem, usage } from './problem.ts'
import { problemOfRecovered } from './recover.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'

export interface DeliverOptions extends InSpool {
  /** Milliseconds to wait for the result; by default as long as it takes. 0: it is only asked for. */
  readonly wait?: number
}

export interface Delivered {
  readonly id: string
  /** pending: the job goes on, or waits for its turn, and nothing is wrong as far as it was tried; or the time to wait is over. */
  readonly result: 'delivered' | 'pending'
}

/**
 * Asks a job's chaperone to try its callback again, and brings one up where nobody lives. It is on disk when this returns, and carried out.
 * @returns undelivered: what it met. usage: the job has no callback
 */
export const deliver = async (job: JobLike, options: DeliverOptions = {}): Promise<Delivered | Problem> => {
  const asked = await ask(job, options)
  return isProblem(asked) || 'result' in asked ? asked : waitForResult(asked, deadlineOf(options))
}

/** All are asked, one after the other, before any is waited for. @returns what `deliver` does, in their order */
export const deliverAll = async (
  ids: readonly string[],
  options: DeliverOptions = {},
): Promise<readonly { readonly id: string; readonly result: Delivered | Problem }[]> => {
  const asked: (Asked | Delivered | Problem)[] = []
  for (const id of ids) asked.push(await ask(id, options))
  const deadline = deadlineOf(options)
  return Promise.all(
    asked.map(async (one, at) => ({
      id: ids[at] ?? '',
      result: isProblem(one) || 'result' in one ? one : await waitForResult(one, deadline),
    })),
  )
}

interface Asked {
  readonly id: string
  readonly paths: JobPaths
  /** Bytes of each stream that there were. */
  readonly sizes: StreamSizes
}

const deadlineOf = ({ wait }: DeliverOptions): number => performance.now() + (wait ?? Number.POSITIVE_INFINITY)

/** With a chaperone that carries it out. */
const ask = (job: JobLike, options: DeliverOptions): Promise<Asked | Delivered | Problem> =>
  attempt<Asked | Delivered | Problem>(async () => {
    const view = lookUp(surroundingsOf(options), job)
    if (isProblem(view)) return view
    const { id, paths } = view
    const before = viewCallback(view)
    if (before === null) return usage(`${id} has no callback`)
    if (before.kind === 'delivered') return { id, result: 'delivered' }
    // No chaperone takes it up before its turn, and there is nothing yet.
    if (view.verdict === 'queued') return { id, result: 'pending' }
    const sizes = { stdout: sizeOf(paths.stdout), stderr: sizeOf(paths.stderr) }
    askAgain(paths)
    ringDoorbell(paths.doorbell)
    return problemOfRecovered(id, await recoverJob(paths)) ?? { id, paths, sizes }
  })

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const waitForResult = (asked: Asked, deadline: number): Promise<Delivered | Problem> =>
  attempt<Delivered | Problem>(async () => {
    const { id, paths } = asked
    const watch = watchDirectory(paths.dir)
    try {
      for (;;) {
        // One that was about to leave may not have seen that it was asked.
        const unattended = problemOfRecovered(id, await recoverJob(paths))
        if (unattended !== undefined) return unattended
        const result = isAskedAgain(paths) ? undefined : readResult(asked)
        if (result !== undefined) return result
        if (performance.now() >= deadline) return { id, result: 'pending' }
        await watch.changed()
      }
    } finally {
      watch.close()
    }
  })

/** Since it was asked; undefined: it was not tried yet. A fault with no failure behind it is the one of before. */
const readResult = ({ id, paths, sizes }: Asked): Delivered | Problem | undefined => {
  const job = viewJob(paths, Date.now())
  const view = viewCallback(job)
  if (view?.kind === 'delivered') return { id, result: 'delivered' }
  const { fault = null, failures = 0, stdout = 0, stderr = 0 } = view?.record ?? {}
  const isGivenUp = view?.kind === 'undelivered'
  if (fault !== null && (failures > 0 || isGivenUp)) return { code: 'undelivered', id, fault, isGivenUp }
  if (job.verdict === 'ended') return undefined
  // Where nothing was wrong before, it is tried as ever.
  const hasAll = stdout >= sizes.stdout && stderr >= sizes.stderr
  return fault === null || hasAll ? { id, result: 'pending' } : undefined
}
