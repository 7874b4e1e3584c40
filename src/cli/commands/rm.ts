/** chap rm: removes ended jobs, with all of their output. */
import type { Command } from 'commander'
import type { State } from '../../spool/state.ts'
import { ask } from '../../watcher/ask.ts'
import { retireJob } from '../../watcher/history.ts'
import { findNewer, type JobView, viewJob } from '../../watcher/job-view.ts'
import { removeJob } from '../../watcher/remove-jobs.ts'
import { waitUntilSettled } from '../../watcher/settle.ts'
import { chooseEach, hostOf } from '../choose-job.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem, problemOfTrouble } from '../problem.ts'
import { printJson, sayProblem } from '../say.ts'

interface Options extends CommonOptions {
  readonly force?: boolean
}

const HELP = `
A job that runs is not removed, nor one whose files on its host are still there: --force kills the one, and
leaves the other's files behind.

Examples:
  chap rm k3f9
  chap rm --force web`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('<job...>', 'ids, beginnings of ids, names, or last')
    .option('-f, --force', 'kill it first, and do not wait for its host')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => remove(invocation, names, options)),
    )
}

const remove = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  const views = chooseEach(context, names)
  if (isProblem(views)) return views
  const { force = false, json = false } = options
  const statuses: number[] = []
  const removed: string[] = []
  for (const view of views) {
    const problem = await removeOne(context, view, force)
    if (problem === undefined) removed.push(view.id)
    else statuses.push(await sayProblem(context, problem, json))
  }
  if (json) await printJson(context, { removed })
  return Math.max(0, ...statuses)
}

const removeOne = async (context: Context, found: JobView, isForced: boolean): Promise<Problem | undefined> => {
  const { id, paths, spec } = found
  const newer = findNewer(found)
  if (newer !== undefined) return { code: 'unreadable', id, fault: newer }
  if (found.verdict !== 'ended') {
    const killed = isForced ? await killNow(context, found) : ({ code: 'not_ended', id } as const)
    if (isProblem(killed)) return killed
    if (killed === 'held up') return removeJob(context.spool, paths) ? undefined : { code: 'gone', id }
  }
  const settled = await waitUntilSettled(paths)
  if (settled === 'uncollected' && !isForced)
    return { code: 'not_collected', id, spec: spec.ok ? spec.value : undefined }
  // As it ended: it may have been killed just now.
  const view = viewJob(paths, context.now())
  return (await retireJob(context.spool, view)) ? undefined : { code: 'gone', id }
}

/** held up: its end can't be recorded, since the disk is full. With it goes the room that it takes. */
const killNow = async (context: Context, view: JobView): Promise<Problem | 'ended' | 'held up'> => {
  const { id, paths } = view
  const wish = { kind: 'stop', signal: 'SIGKILL', grace: 0 } as const
  const asked = await ask(paths, wish, { by: context.self(), isImpatient: false, isEnough: isHeldUp })
  if (asked.kind === 'ended' || asked.kind === 'gone') return 'ended'
  if (asked.kind === 'unreadable' || asked.kind === 'unattended') return problemOfTrouble(id, asked)
  if (asked.kind === 'pending' && isHeldUp(asked.state)) return 'held up'
  return { code: 'kill_pending', id, host: hostOf(view) ?? 'this machine' }
}

const isHeldUp = ({ job }: State): boolean =>
  job.disk !== null && job.signals.some(({ signal, sent }) => signal === 'SIGKILL' && sent !== null)
