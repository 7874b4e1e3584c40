/** chap logs: prints the output that there is, and with -f what comes. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import {
  checkOwnSpool,
  chooseJobs,
  chooseOne,
  copyMerged,
  copyPresent,
  findLastLines,
  findRange,
  findRun,
  hostOf,
  type JobPaths,
  type JobView,
  jobOf,
  listJobs,
  type Range,
  readSizesNow,
  type Selection,
  type Sizes,
  type Stream,
  usage,
} from '../../index.ts'
import { attachJob } from '../attach-job.ts'
import { attachMany, followAll, type ManyOptions, nameWithId, openMember } from '../attach-many.ts'
import { addBanners } from '../banners.ts'
import type { ColorWish } from '../color.ts'
import type { Context } from '../context.ts'
import { showFolded } from '../fold.ts'
import { addSelection } from '../group-options.ts'
import { catchInterrupts } from '../interrupt.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { nameJobs } from '../job-labels.ts'
import { openJobTerminal, UNTIL_INTERRUPTED } from '../job-terminal.ts'
import { openLogSinks } from '../log-sinks.ts'
import { colorOption, readCount, readPattern, readSince } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'

interface Options extends CommonOptions, Selection {
  readonly follow?: boolean
  readonly lines?: number
  readonly stdout?: boolean
  readonly stderr?: boolean
  readonly timestamps?: boolean
  readonly strictLines?: boolean
  readonly raw?: boolean
  readonly since?: (now: number) => number
  readonly until?: (now: number) => number
  readonly grep?: RegExp
  readonly run?: number
  readonly banners?: boolean
  readonly fold?: boolean
  readonly color: ColorWish
}

const HELP = `
The job's stdout goes to stdout and its stderr to stderr, byte by byte. Of several jobs, and with -t, --json or
--strict-lines, line by line: CRLF is shown as LF, a line longer than 1 MiB in parts, and what is no UTF-8 as it is
(with --json as "base64", too). Lines of several jobs come in the order in which they came, each behind its host's name.
With -f it exits with the job's own status, as attach does; of several, with the largest. --since, --until and -t go by
the job's timeline: times of this machine, to 50 ms. --grep goes line by line, too, by JavaScript's regular expressions.

Examples:
  chap logs k3f9 > out
  chap logs -f -n 20 web
  chap logs -t --stderr last
  chap logs --since 10m --grep 'error|warn' web
  chap logs --all -f              everything, also of jobs that come later`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job; with -f also those that come later')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last; none: the only job that is running')
    .option('-f, --follow', 'go on until the jobs have ended')
    .option('-n, --lines <count>', 'only the last lines of each stream', readCount)
    .option('--stdout', 'only stdout')
    .option('--stderr', 'only stderr')
    .option('--since <time>', 'lines that began to come then: 10m (ago), or 2026-11-27T04:30:00Z', readSince)
    .option('--until <time>', 'and those up to then', readSince)
    .option('--grep <pattern>', 'only lines in which a regular expression is found', readPattern)
    .option('-t, --timestamps', 'begin each line with the time at which it came')
    .option('--strict-lines', 'do not show a last line that has no end')
    .option('--raw', 'bytes as they are; of several jobs, one behind the other')
    .option('--run <number>', 'of a series, only the output of that run', readCount)
    .option('--fold', 'hosts that said the same once, as a set; with -f when all have ended')
    .option('--banners', 'say where runs of a series begin, also where stderr is no terminal')
    .addOption(colorOption())
    .option('--json', 'for programs: a document for each line')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) => perform(invocation, options, () => logs(invocation, names, options)))
}

const logs = async ({ context }: Invocation, names: readonly string[], options: Options): Promise<number | Problem> => {
  const { all: isAll = false, follow: isFollowed = false } = options
  const wrong = findContradiction(names, options) ?? checkOwnSpool(context)
  if (wrong !== undefined) return wrong
  const many: ManyOptions = {
    streams: streamsOf(options),
    color: options.color,
    hasTime: options.timestamps ?? false,
    isJson: options.json ?? false,
    isStrict: options.strictLines ?? false,
    isFolded: options.fold ?? false,
    grep: options.grep,
    hasBanners: options.banners ?? false,
    from: (view) => offsetsOf(context, view, options),
    interrupt: isFollowed ? catchInterrupts(context) : NEVER,
  }
  const isEvery = isAll && options.group === undefined && options.label === undefined
  if (isEvery && isFollowed) return followAll(context, many)
  const views = isEvery ? listJobs(context.spool, context.now()) : chooseViews(context, names, options)
  if (isProblem(views)) return views
  const [only] = views
  if (only !== undefined && views.length === 1 && !isAll) return logOne(context, only, many, options)
  if (options.run !== undefined) return usage('--run is for one job')
  if (options.raw === true) return isFollowed ? usage(RAW_FOLLOWED) : showRaw(context, views, many, options)
  return isFollowed ? attachMany(context, views, many) : showMany(context, views, many, options)
}

const findContradiction = (names: readonly string[], options: Options): Problem | undefined => {
  const { all = false, follow = false, fold = false, json = false, raw = false, lines, run, until } = options
  const hasSpan = (options.since ?? until) !== undefined
  const contradictions: readonly (readonly [boolean, string])[] = [
    [all && names.length > 0, '--all and names of jobs are two choices'],
    [fold && (json || lines !== undefined || (all && follow)), '--fold goes with none of --json, -n and --all -f'],
    [fold && (hasSpan || options.grep !== undefined), '--fold goes with none of --since, --until and --grep'],
    [until !== undefined && (follow || lines !== undefined), '--until goes with neither -f nor -n'],
    [
      run !== undefined && (follow || lines !== undefined || hasSpan),
      '--run goes with none of -f, -n, --since and --until',
    ],
    [
      raw && (fold || json || isByLine(options)),
      '--raw goes with none of --fold, --json, -t, --strict-lines and --grep',
    ],
    [raw && all && follow, RAW_FOLLOWED],
  ]
  const found = contradictions.find(([isSaid]) => isSaid)
  return found === undefined ? undefined : usage(found[1])
}

/** What only looks is ended by Ctrl-C as any program is. */
const NEVER = new AbortController().signal

const RAW_FOLLOWED = '--raw -f is for one job'

const isByLine = ({ timestamps = false, strictLines = false, grep }: Options): boolean =>
  timestamps || strictLines || grep !== undefined

const logOne = (context: Context, view: JobView, many: ManyOptions, options: Options): Promise<number | Problem> => {
  if (options.run !== undefined) return showRun(context, view, many, options.run)
  return options.follow === true ? followOne(context, view, many, options) : showOne(context, view, many, options)
}

const chooseViews = (context: Context, names: readonly string[], options: Options): JobView[] | Problem => {
  const isDescribed = options.group !== undefined || options.label !== undefined
  if (names.length > 0 || isDescribed) return chooseJobs(context, names, options, () => true)
  const view = chooseOne(context, undefined)
  return isProblem(view) ? view : [view]
}

const showOne = async (context: Context, view: JobView, many: ManyOptions, options: Options): Promise<number> => {
  const from = many.from(view)
  const { bytes, restore } = openJobTerminal(context, UNTIL_INTERRUPTED)
  const { sinks, end } = openLogSinks(bytes, { ...view, host: hostOf(view) }, from, { ...many, label: null })
  const said = many.isJson ? { sinks } : addBanners(bytes, sinks, options.banners ?? false)
  const to = rangeOf(context, view.paths, options)?.to ?? null
  if (await copyPresent(view.paths, said.sinks, from, to, said.onRun)) await end()
  await restore()
  return 0
}

const showRaw = async (
  context: Context,
  views: readonly JobView[],
  many: ManyOptions,
  options: Options,
): Promise<number> => {
  for (const view of views) await showOne(context, view, many, options)
  return 0
}

const showRun = async (context: Context, view: JobView, many: ManyOptions, run: number): Promise<number | Problem> => {
  const range = findRun(view.paths, run)
  if (range === undefined) return { code: 'no_such_run', id: view.id, run }
  const { from, to } = range
  const { bytes, restore } = openJobTerminal(context, UNTIL_INTERRUPTED)
  const { sinks, end } = openLogSinks(bytes, { ...view, host: hostOf(view) }, from, { ...many, label: null })
  if (await copyPresent(view.paths, sinks, from, to)) await end()
  await restore()
  return 0
}

const followOne = (context: Context, view: JobView, many: ManyOptions, options: Options): Promise<number | Problem> => {
  const from = many.from(view)
  return attachJob(context, jobOf(view), {
    from,
    interrupt: many.interrupt,
    open: (bytes) => openLogSinks(bytes, { ...view, host: hostOf(view) }, from, { ...many, label: null }),
    sigProxy: false,
    isJson: false,
    takesInput: false,
    hasBanners: options.banners ?? false,
    unreadStatus: 0,
  })
}

const showMany = async (
  context: Context,
  views: readonly JobView[],
  many: ManyOptions,
  options: Options,
): Promise<number> => {
  const { all: isAll = false } = options
  if (many.isFolded === true) {
    await showFolded(context, views, many)
    return 0
  }
  const names = isAll ? new Map(views.map((view) => [view.id, nameWithId(view)])) : nameJobs(views)
  const width = isAll ? 0 : Math.max(0, ...[...names.values()].map((name) => name.length))
  const terminal = openJobTerminal(context, UNTIL_INTERRUPTED)
  const members = views.map((view) => openMember(terminal, view, names.get(view.id) ?? view.id, width, many))
  const endOf = ({ paths }: { paths: JobPaths }) => rangeOf(context, paths, options)?.to ?? readSizesNow(paths)
  await copyMerged(members, new Map(members.map((member) => [member, endOf(member)])), ({ end }) => end())
  await terminal.restore()
  return 0
}

const streamsOf = ({ stdout = false, stderr = false }: Options): readonly Stream[] => {
  if (stdout === stderr) return ['stdout', 'stderr']
  return stdout ? ['stdout'] : ['stderr']
}

const offsetsOf = (context: Context, { paths }: JobView, options: Options): Sizes => {
  const { lines } = options
  const last = (path: string): number =>
    // Of many jobs one may be removed meanwhile.
    lines === undefined || !existsSync(path) ? 0 : findLastLines(path, lines)
  const from = rangeOf(context, paths, options)?.from ?? { stdout: 0, stderr: 0 }
  return { stdout: Math.max(from.stdout, last(paths.stdout)), stderr: Math.max(from.stderr, last(paths.stderr)) }
}

/** undefined: no span of time was asked for, or the job was removed meanwhile. */
const rangeOf = (context: Context, paths: JobPaths, { since, until }: Options): Range | undefined => {
  if ((since ?? until) === undefined || !existsSync(paths.dir)) return undefined
  const now = context.now()
  return findRange(paths, { since: since?.(now) ?? null, until: until?.(now) ?? null })
}
