/** chap rm: removes ended jobs, with all of their output. */
import type { Command } from 'commander'
import { chooseJobs, isEnded, removeEmptyGroups, removeView, type Selection } from '../../index.ts'
import { addSelection } from '../group-options.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'
import { printJson, sayProblem } from '../say.ts'

interface Options extends CommonOptions, Selection {
  readonly force?: boolean
}

const HELP = `
A job that runs is not removed, nor one whose files on its host are still there: --force kills the one, and
leaves the other's files behind. One whose --on-exit still runs stays, too: with --force that goes on without it.

Examples:
  chap rm k3f9
  chap rm g7kx                      all jobs of a group
  chap rm --force web`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that has ended')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last')
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
  const views = chooseJobs(context, names, options, isEnded)
  if (isProblem(views)) return views
  const { force = false, json = false } = options
  const statuses: number[] = []
  const removed: string[] = []
  // Those that wait first: else the end of another would be their turn.
  const waiting = views.filter(({ verdict }) => verdict === 'queued')
  for (const view of [...waiting, ...views.filter(({ verdict }) => verdict !== 'queued')]) {
    const problem = await removeView(context, view, force)
    if (problem === undefined) removed.push(view.id)
    else statuses.push(await sayProblem(context, problem, json))
  }
  removeEmptyGroups(context.spool)
  if (json) await printJson(context, { removed })
  return Math.max(0, ...statuses)
}
