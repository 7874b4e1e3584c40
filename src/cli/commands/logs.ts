/** chap logs: prints the output that there is, and with -f what comes. */
import type { Command } from 'commander'
import type { Sizes } from '../../domain/report.ts'
import { chooseJobs, chooseOne, jobOf, type Selection } from '../../library/choose-job.ts'
import type { Stream } from '../../spool/timeline.ts'
import { copyPresent } from '../../watcher/copy-streams.ts'
import type { JobView } from '../../watcher/job-view.ts'
import { findLastLines } from '../../watcher/last-lines.ts'
import { attachJob } from '../attach-job.ts'
import { addSelection } from '../group-options.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { type LogStyle, openLogSinks } from '../log-sinks.ts'
import { readCount } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { sayProblem } from '../say.ts'

interface Options extends CommonOptions, Selection {
  readonly follow?: boolean
  readonly lines?: number
  readonly stdout?: boolean
  readonly stderr?: boolean
  readonly timestamps?: boolean
}

const EXIT_UNREAD = 141

const HELP = `
The job's stdout goes to stdout and its stderr to stderr, byte by byte. With several jobs, -t or --json, line by
line: CRLF is shown as LF. With -f it exits with the job's own status, as attach does.

Examples:
  chap logs k3f9 > out
  chap logs -f -n 20 web
  chap logs -t --stderr last`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last; none: the only job that is running')
    .option('-f, --follow', 'go on until the jobs have ended')
    .option('-n, --lines <count>', 'only the last lines of each stream', readCount)
    .option('--stdout', 'only stdout')
    .option('--stderr', 'only stderr')
    .option('-t, --timestamps', 'begin each line with the time at which it came')
    .option('--json', 'for programs: a document for each line')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) => perform(invocation, options, () => logs(invocation, names, options)))
}

const logs = async (invocation: Invocation, names: readonly string[], options: Options): Promise<number | Problem> => {
  const { context } = invocation
  const { group, label, all } = options
  const isOnly = names.length === 0 && group === undefined && label === undefined && all === undefined
  const views = isOnly ? asList(chooseOne(context, undefined)) : chooseJobs(context, names, options, () => true)
  if (isProblem(views)) return views
  const style: LogStyle = {
    streams: streamsOf(options),
    hasId: views.length > 1,
    hasTime: options.timestamps ?? false,
    isJson: options.json ?? false,
  }
  if (options.follow === true) {
    const results = await Promise.all(views.map((view) => follow(invocation, view, style, options)))
    const statuses: number[] = []
    for (const result of results)
      statuses.push(isProblem(result) ? await sayProblem(context, result, style.isJson) : result)
    return Math.max(0, ...statuses)
  }
  for (const view of views) {
    const from = offsetsOf(view, options)
    const { sinks, end } = openLogSinks(context, view.id, view.paths, from, style)
    if (!(await copyPresent(view.paths, sinks, from)) || !(await end())) break
  }
  return 0
}

const follow = async (
  { context }: Invocation,
  view: JobView,
  style: LogStyle,
  options: Options,
): Promise<number | Problem> => {
  const from = offsetsOf(view, options)
  const { sinks, end } = openLogSinks(context, view.id, view.paths, from, style)
  const result = await attachJob(context, jobOf(view), {
    from,
    sinks,
    sigProxy: false,
    isJson: false,
    takesInput: false,
  })
  await end()
  return result === EXIT_UNREAD ? 0 : result
}

const asList = (view: JobView | Problem): JobView[] | Problem => (isProblem(view) ? view : [view])

const streamsOf = ({ stdout = false, stderr = false }: Options): readonly Stream[] => {
  if (stdout === stderr) return ['stdout', 'stderr']
  return stdout ? ['stdout'] : ['stderr']
}

const offsetsOf = ({ paths }: JobView, { lines }: Options): Sizes =>
  lines === undefined
    ? { stdout: 0, stderr: 0 }
    : { stdout: findLastLines(paths.stdout, lines), stderr: findLastLines(paths.stderr, lines) }
