/** chap attach: follows both streams until the job ends. */
import { type Command, Option } from 'commander'
import {
  chooseJobs,
  chooseOne,
  type From,
  findClosed,
  isGoingOn,
  type JobView,
  jobOf,
  offsetsOf,
  type Selection,
  usage,
} from '../../index.ts'
import { attachGroup } from '../attach-group.ts'
import { attachJob } from '../attach-job.ts'
import type { ColorWish } from '../color.ts'
import type { Context } from '../context.ts'
import { addSelection } from '../group-options.ts'
import { catchInterrupts } from '../interrupt.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { colorOption, readCount, readSince } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { say } from '../say.ts'
import { canPick } from '../terminal.ts'

interface Options extends CommonOptions, Selection {
  readonly new?: boolean
  readonly tail?: number
  readonly since?: (now: number) => number
  readonly quiet?: boolean
  readonly sigProxy?: boolean
  readonly stdin?: boolean
  readonly strictLines?: boolean
  readonly banners?: boolean
  readonly fold?: boolean
  readonly color: ColorWish
}

const HELP = `
Shows everything from the first byte, or from where --new, --tail or --since says, then what comes, and exits with the
job's own status (128+n when a signal ended it, 124 when a timer did, 125 when its status can't be known). Ctrl-C detaches
(130), and the job goes on. Without a job: the only one that is running; of several, on a terminal, you choose one. Of
several jobs it shows whole lines, each behind its host's name, and exits with the largest of their statuses; Ctrl-C
detaches from all of them. With --stdin, lines go to the job at Enter, and Ctrl-D ends its stdin; Ctrl-C leaves that open.
What the job turned on in the terminal, such as colours, is off again at the end.

Examples:
  chap attach                   the only one that is running
  chap attach k3f9
  chap attach k3 --new          only what comes from now on
  chap attach k3 --tail 20
  chap attach web --since 10m
  chap attach g7kx              all jobs of a group
  chap attach last > out 2> err
  chap attach k3f9 m7ab         both at once
  chap attach --stdin k3f9`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that goes on')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last; none: the only job that is running')
    .addOption(new Option('--new', 'only what comes from now on').conflicts(['tail', 'since']))
    .addOption(
      new Option('--tail <count>', 'the last lines of each stream, and what comes')
        .argParser(readCount)
        .conflicts('since'),
    )
    .option('--since <time>', 'lines that began to come then: 10m (ago), or 2026-11-27T04:30:00Z', readSince)
    .option('--sig-proxy', 'pass Ctrl-C and SIGTERM on to the job instead of detaching')
    .option('--stdin', 'pass on what is typed or piped here, to a job that was started with --stdin open')
    .option('--strict-lines', 'of several: do not show a last line that has no end')
    .option('--fold', 'of several, when all have ended: hosts that said the same once, as a set')
    .option('--banners', 'say where runs of a series begin, also where stderr is no terminal')
    .option('-q, --quiet', 'do not say what is attached to')
    .addOption(colorOption())
    .option('--json', 'for programs: how it ended, on stderr')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => attach(invocation, names, options)),
    )
}

const chooseAttached = async (
  context: Context,
  names: readonly string[],
  options: Options,
): Promise<readonly JobView[] | number | Problem> => {
  const { group, label, all } = options
  if (names.length > 0 || group !== undefined || label !== undefined || all !== undefined)
    return chooseJobs(context, names, options, isGoingOn)
  const only = chooseOne(context, undefined)
  if (!isProblem(only)) return [only]
  const isSeveral = only.code === 'several_running' && options.json !== true
  return isSeveral && canPick(context) ? (await import('../pick-job.ts')).pickJob(context, options.color) : only
}

/** Where it begins. */
const fromOf = ({ new: isNew = false, tail, since }: Options, now: number): From => {
  if (isNew) return 'now'
  if (tail !== undefined) return { last: tail }
  return since === undefined ? 'start' : { since: since(now) }
}

const attach = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  const { stdin: takesInput = false, sigProxy = false, json: isJson = false, fold: isFolded = false } = options
  const begin = fromOf(options, context.now())
  if (isFolded && (isJson || begin !== 'start'))
    return usage('--fold goes with none of --json, --new, --tail and --since')
  const views = await chooseAttached(context, names, options)
  if (isProblem(views) || typeof views === 'number') return views
  const interrupt = catchInterrupts(context, sigProxy)
  const from = ({ paths }: JobView) => offsetsOf(paths, begin)
  const [view] = views
  const isAlone = view !== undefined && views.length === 1
  if (!isAlone && (sigProxy || takesInput)) return usage(`${sigProxy ? '--sig-proxy' : '--stdin'} is for one job`)
  const closed = isAlone && takesInput ? findClosed(view) : undefined
  if (closed !== undefined) return closed
  if (context.stderr.isTerminal && !isJson && options.quiet !== true) await sayHeader(context, views)
  if (!isAlone)
    return attachGroup(context, views, {
      streams: ['stdout', 'stderr'],
      color: options.color,
      hasTime: false,
      isFolded,
      hasBanners: options.banners ?? false,
      isJson,
      isStrict: options.strictLines ?? false,
      from,
      interrupt,
    })
  return attachJob(context, jobOf(view), {
    from: from(view),
    interrupt,
    sigProxy,
    isJson,
    takesInput,
    hasBanners: options.banners ?? false,
  })
}

const sayHeader = async (context: Context, views: readonly JobView[]): Promise<void> => {
  const { headerOf } = await import('../attach-header.ts')
  await say(context, headerOf(views, context.now(), context.stderr.columns - 'chap: '.length - 1))
}
