/** chap attach: follows both streams until the job ends. */
import { statSync } from 'node:fs'
import type { Command } from 'commander'
import type { Sizes } from '../../domain/report.ts'
import type { JobView } from '../../watcher/job-view.ts'
import { attachJob } from '../attach-job.ts'
import { attachMany } from '../attach-many.ts'
import { chooseEach, chooseOne, jobOf } from '../choose-job.ts'
import { type ColorWish, colorOption } from '../color.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem, usage } from '../problem.ts'

interface Options extends CommonOptions {
  readonly new?: boolean
  readonly sigProxy?: boolean
  readonly strictLines?: boolean
  readonly banners?: boolean
  readonly fold?: boolean
  readonly color: ColorWish
}

const HELP = `
Shows everything from the first byte, then what comes, and exits with the job's own status (128+n when a signal
ended it, 124 when a timer did, 125 when its status can't be known). Ctrl-C detaches (130): the job goes on.
Without a job: the only one that is running. Of several jobs it shows whole lines, each behind its host's name, and exits
with the largest of their statuses; Ctrl-C detaches from all of them.

Examples:
  chap attach k3f9
  chap attach k3 --new          only what comes from now on
  chap attach last > out 2> err
  chap attach k3f9 m7ab         both at once`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('[job...]', 'ids, beginnings of ids, names, or last')
    .option('--new', 'only what comes from now on')
    .option('--sig-proxy', 'pass Ctrl-C and SIGTERM on to the job instead of detaching')
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

const attach = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  const from = ({ paths }: JobView): Sizes =>
    options.new === true
      ? { stdout: statSync(paths.stdout).size, stderr: statSync(paths.stderr).size }
      : { stdout: 0, stderr: 0 }
  const { sigProxy = false, json: isJson = false } = options
  if (names.length < 2) {
    const view = chooseOne(context, names[0])
    if (isProblem(view)) return view
    return attachJob(context, jobOf(view), {
      from: from(view),
      sigProxy,
      isJson,
      hasBanners: options.banners ?? false,
    })
  }
  const isFolded = options.fold ?? false
  if (isFolded && (isJson || options.new === true)) return usage('--fold goes with neither --json nor --new')
  if (sigProxy) return usage('--sig-proxy is for one job')
  const views = chooseEach(context, names)
  if (isProblem(views)) return views
  return attachMany(context, views, {
    streams: ['stdout', 'stderr'],
    color: options.color,
    hasTime: false,
    isFolded,
    isJson,
    isStrict: options.strictLines ?? false,
    from,
  })
}
