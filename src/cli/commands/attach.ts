/** chap attach: follows both streams until the job ends. */
import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { chooseJobs, chooseOne, isGoingOn, jobOf, type Selection } from '../../library/choose-job.ts'
import type { JobView } from '../../watcher/job-view.ts'
import { attachGroup } from '../attach-group.ts'
import { attachJob } from '../attach-job.ts'
import type { Context } from '../context.ts'
import { addSelection } from '../group-options.ts'
import { memberOf } from '../group-summary.ts'
import { findClosed } from '../input-problem.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'

interface Options extends CommonOptions, Selection {
  readonly new?: boolean
  readonly sigProxy?: boolean
  readonly stdin?: boolean
}

const HELP = `
Shows everything from the first byte, then what comes, and exits with the job's own status (128+n when a signal
ended it, 124 when a timer did, 125 when its status can't be known). Ctrl-C detaches (130): the job goes on.
Without a job: the only one that is running. With --stdin, lines go to it at Enter, and Ctrl-D ends its stdin;
Ctrl-C leaves that open.

Examples:
  chap attach k3f9
  chap attach k3 --new          only what comes from now on
  chap attach g7kx              all jobs of a group
  chap attach last > out 2> err
  chap attach --stdin k3f9`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that goes on')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last; none: the only job that is running')
    .option('--new', 'only what comes from now on')
    .option('--sig-proxy', 'pass Ctrl-C and SIGTERM on to the job instead of detaching')
    .option('--stdin', 'pass on what is typed or piped here, to a job that was started with --stdin open')
    .option('--json', 'for programs: how it ended, on stderr')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => attach(invocation, names, options)),
    )
}

const chooseAttached = (context: Context, names: readonly string[], options: Options): JobView[] | Problem => {
  const { group, label, all } = options
  if (names.length > 0 || group !== undefined || label !== undefined || all !== undefined)
    return chooseJobs(context, names, options, isGoingOn)
  const only = chooseOne(context, undefined)
  return isProblem(only) ? only : [only]
}

const attach = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  const views = chooseAttached(context, names, options)
  if (isProblem(views)) return views
  const [view] = views
  if (view === undefined || views.length > 1) return attachGroup(context, views.map(memberOf), options.json ?? false)
  const { paths } = view
  const { stdin: takesInput = false, sigProxy = false, json: isJson = false } = options
  const closed = takesInput ? findClosed(view) : undefined
  if (closed !== undefined) return closed
  const from =
    options.new === true
      ? { stdout: statSync(paths.stdout).size, stderr: statSync(paths.stderr).size }
      : { stdout: 0, stderr: 0 }
  return attachJob(context, jobOf(view), { from, sigProxy, isJson, takesInput })
}
