/** Removes jobs with all of their output. */
import type { State } from '../spool/state.ts'
import { ask } from '../watcher/ask.ts'
import { viewCallback } from '../watcher/callback.ts'
import { retireJob } from '../watcher/history.ts'
import { findNewer, type JobView, viewJob } from '../watcher/job-view.ts'
import { viewOnExit } from '../watcher/on-exit.ts'
import { removeJob } from '../watcher/remove-jobs.ts'
import { waitUntilSettled } from '../watcher/settle.ts'
import { hostOf, type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem, problemOfTrouble } from './problem.ts'
import { type InSpool, type Surroundings, surroundingsOf } from './surroundings.ts'

export interface RemoveOptions extends InSpool {
  /** Kill it first, and don't wait for its host: then its files there stay behind. */
  readonly force?: boolean
}

/**
 * Removes an ended job.
 * @returns not_ended, not_collected, on_exit_pending, callback_pending, kill_pending: it is still there
 */
export const remove = (job: JobLike, options: RemoveOptions = {}): Promise<{ readonly id: string } | Problem> =>
  attempt(async () => {
    const around = surroundingsOf(options)
    const view = lookUp(around, job)
    if (isProblem(view)) return view
    return (await removeView(around, view, options.force ?? false)) ?? { id: view.id }
  })

/** undefined: it is gone. */
export const removeView = async (
  around: Pick<Surroundings, 'spool' | 'self' | 'now'>,
  view: JobView,
  isForced: boolean,
): Promise<Problem | undefined> => {
  const { id, paths, spec } = view
  const newer = findNewer(view)
  if (newer !== undefined) return { code: 'unreadable', id, fault: newer }
  if (view.verdict !== 'ended') {
    const killed = isForced ? await killNow(around, view) : ({ code: 'not_ended', id } as const)
    if (isProblem(killed)) return killed
    if (killed === 'held up') return removeJob(around.spool, paths) ? undefined : { code: 'gone', id }
  }
  const unsent = isForced ? undefined : findUnsent(viewJob(paths, around.now()))
  if (unsent !== undefined) return unsent
  const settled = await waitUntilSettled(paths)
  const open = isForced ? undefined : findOpenOnExit(viewJob(paths, around.now()))
  if (open !== undefined) return open
  if (settled === 'uncollected' && !isForced)
    return { code: 'not_collected', id, spec: spec.ok ? spec.value : undefined }
  // As it ended: it may have been killed just now.
  return (await retireJob(around.spool, viewJob(paths, around.now()))) ? undefined : { code: 'gone', id }
}

const findOpenOnExit = (view: JobView): Problem | undefined => {
  const onExit = viewOnExit(view)?.kind
  if (onExit !== 'running' && onExit !== 'left') return undefined
  return { code: 'on_exit_pending', id: view.id, isRunning: onExit === 'running' }
}

/** Its chaperone is busy with that, and does not leave; or it was given up. */
const findUnsent = (view: JobView): Problem | undefined => {
  const callback = viewCallback(view)
  if (callback === null || callback.kind === 'delivered') return undefined
  return { code: 'callback_pending', id: view.id, isGivenUp: callback.kind === 'undelivered' }
}

/** held up: its end can't be recorded, since the disk is full. With it goes the room that it takes. */
const killNow = async ({ self }: Pick<Surroundings, 'self'>, view: JobView): Promise<Problem | 'ended' | 'held up'> => {
  const { id, paths } = view
  const wish = { kind: 'stop', signal: 'SIGKILL', grace: 0 } as const
  const asked = await ask(paths, wish, { by: self(), isImpatient: false, isEnough: isHeldUp })
  if (asked.kind === 'ended' || asked.kind === 'gone') return 'ended'
  if (asked.kind === 'unreadable' || asked.kind === 'unattended') return problemOfTrouble(id, asked)
  if (asked.kind === 'pending' && isHeldUp(asked.state)) return 'held up'
  return { code: 'kill_pending', id, host: hostOf(view) ?? 'this machine' }
}

const isHeldUp = ({ job }: State): boolean =>
  job.disk !== null && job.signals.some(({ signal, sent }) => signal === 'SIGKILL' && sent !== null)
