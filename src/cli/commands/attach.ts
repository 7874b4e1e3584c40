/** chap attach: follows both streams until the job ends. */
import { statSync } from 'node:fs'
import type { Command } from 'commander'
import {
  chooseJobs,
  chooseOne,
  findClosed,
  isGoingOn,
  type JobView,
  jobOf,
  type Selection,
  type Sizes,
  usage,
} from '../../index.ts'
import { attachGroup } from '../attach-group.ts'
import { attachJob } from '../attach-job.ts'
import { type ColorWish, colorOption } from '../color.ts'
import type { Context } from '../context.ts'
import { addSelection } from '../group-options.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'

interface Options extends CommonOptions, Selection {
  readonly new?: boolean
  readonly sigProxy?: boolean
  readonly stdin?: boolean
  readonly strictLines?: boolean
  readonly banners?: boolean
  readonly fold?: boolean
  readonly color: ColorWish
}

const HELP = `
Shows everything from the first byte, then what comes, and exits with the job's own status (128+n when a signal
ended it, 124 when a timer did, 125 when its status can't be known). Ctrl-C detaches (130): the job goes on.
Without a job: the only one that is running. Of several jobs it shows whole lines, each behind its host's name, and exits
with the largest of their statuses; Ctrl-C detaches from all of them. With --stdin, lines go to the job at Enter, and
Ctrl-D ends its stdin; Ctrl-C leaves that open.

Examples:
  chap attach k3f9
  chap attach k3 --new          only what comes from now on
  chap attach g7kx              all jobs of a group
  chap attach last > out 2> err
  chap attach k3f9 m7ab         both at once
  chap attach --stdin k3f9`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that goes on')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last; none: the only job that is running')
    .option('--new', 'only what comes from now on')
    .option('--sig-proxy', 'pass Ctrl-C and SIGTERM on to the job instead of detaching')
    .option('--stdin', 'pass on what is typed or piped here, to a job that was started with --stdin open')
    .option('--strict-lines', 'of several: do not show a last line that has no end')
    .option('--fold', 'of several, when all have ended: hosts that said the same once, as a set')
    .option('--banners', 'say where runs of a series begin, also where stderr is no terminal')
    .addOption(colorOption())
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
  const { stdin: takesInput = false, sigProxy = false, json: isJson = false, fold: isFolded = false } = options
  if (isFolded && (isJson || options.new === true)) return usage('--fold goes with neither --json nor --new')
  const views = chooseAttached(context, names, options)
  if (isProblem(views)) return views
  const from = ({ paths }: JobView): Sizes =>
    options.new === true
      ? { stdout: statSync(paths.stdout).size, stderr: statSync(paths.stderr).size }
      : { stdout: 0, stderr: 0 }
  const [view] = views
  if (view === undefined || views.length > 1) {
    if (sigProxy || takesInput) return usage(`${sigProxy ? '--sig-proxy' : '--stdin'} is for one job`)
    return attachGroup(context, views, {
      streams: ['stdout', 'stderr'],
      color: options.color,
      hasTime: false,
      isFolded,
      hasBanners: options.banners ?? false,
      isJson,
      isStrict: options.strictLines ?? false,
      from,
    })
  }
  const closed = takesInput ? findClosed(view) : undefined
  if (closed !== undefined) return closed
  return attachJob(context, jobOf(view), {
    from: from(view),
    sigProxy,
    isJson,
    takesInput,
    hasBanners: options.banners ?? false,
  })
}
