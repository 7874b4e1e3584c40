/** chap ls: the jobs. It reads the spool and nothing else: no network, no chaperone is asked. */
import type { Command } from 'commander'
import { checkOwnSpool, documentOfJob, hasLabels, type JobView, listJobs, usage } from '../../index.ts'
import { type ColorWish, colorOption, hasColor } from '../color.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { formatSize } from '../job-row.ts'
import { lookForRoom, warnOfLowDisk } from '../low-disk.ts'
import { FIELDS, type FieldName, type Glance, glanceAt, PIPED } from '../ls/fields.ts'
import { hasGlyphs } from '../ls/state-kind.ts'
import { readWishes, type Wishes } from '../ls/wishes.ts'
import { collect, collectLabels } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { say } from '../say.ts'
import { separateByTabs } from '../table.ts'

interface Options extends CommonOptions {
  readonly group?: readonly string[]
  readonly all?: boolean
  readonly quiet?: boolean
  readonly watch?: boolean
  readonly label?: Readonly<Record<string, string>>
  readonly filter?: readonly string[]
  readonly sort?: string
  readonly format?: string
  readonly disk?: boolean
  readonly color: ColorWish
}

/** Milliseconds after its end in which a job is shown without being asked for. */
const RECENT_MS = 24 * 3_600_000

const HELP = `
Shows what runs, and what ended within a day. On a terminal the table fits its width, and says also what each job wrote
last where there is room; in a pipe it is tab-separated, whole, and without a head.

--filter KEY=VALUE, KEY one of state, host, name, label, group, exit, id, command, callback; * and ? stand for letters. Several of one
key: any of them; of different keys, and labels: all of them. States: queued, launching, pending, running, waiting, stopping,
reconnecting, orphaned, unreadable; ended (all of the following), succeeded, failed (all but succeeded), signaled,
timed-out, refused, unknown.
--sort FIELD,... each with a minus before it for the other way round.
--format FIELD,... or a template: '{id} {state}', with \\t, \\n and {label.KEY}.
Fields: ${Object.keys(FIELDS).join(', ')}.
--watch ends with Ctrl-C. In a pipe it prints each job's line again when the job changed.

Examples:
  chap ls -a
  chap ls --watch
  chap ls --filter state=failed --filter 'host=gpu*' --sort=-time
  chap ls --format '{id} {state} {last}'
  chap ls -a --filter callback=undelivered
  chap ls -q -l team=ml | xargs chap kill
  chap ls --disk --sort=-disk
  chap ls | cut -f1,4`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .option('-a, --all', 'also what ended long ago')
    .option('-q, --quiet', 'ids only')
    .option('--group <group>', 'only the jobs of a group (repeatable)', collect)
    .option('-l, --label <key=value>', 'only jobs with this label (repeatable)', collectLabels)
    .option('--filter <key=value>', 'only jobs that are so (repeatable); see below', collect)
    .option('--sort <fields>', 'in this order instead of the newest first; see below')
    .option('--format <fields>', 'these columns, or a template; see below')
    .option('--disk', 'what each takes of the disk, of all jobs; and the sum, on stderr')
    .option('--watch', 'go on showing how they are')
    .addOption(colorOption())
    .option('--json', 'for programs; with --watch, JSON Lines')
    .addHelpText('after', HELP)
    .action((options: Options) => perform(invocation, options, () => list(invocation, options)))
}

const list = async ({ context }: Invocation, options: Options): Promise<number | Problem> => {
  const { json: isJson = false, quiet = false, format, watch: isWatching = false, disk: hasDisk = false } = options
  if ([isJson, quiet, format !== undefined].filter(Boolean).length > 1)
    return usage('--json, -q and --format are three ways to show jobs', 'choose one')
  if (isWatching && quiet) return usage('--watch shows how jobs are, and -q only their ids')
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const wishes = readWishes(options)
  if (isProblem(wishes)) return wishes
  const shown = { ...options, all: options.all === true || hasDisk }
  if (isWatching) return watchList(context, shown, wishes)
  const glances = choose(context, shown, wishes, listJobs(context.spool, context.now(), sinceOf(context, shown)))
  await context.stdout.write(await render(context, shown, wishes, glances))
  if (hasDisk) await saySum(context, glances)
  // A script that looks every minute is not told each time.
  if (context.stderr.isTerminal) await warnOfLowDisk(context, options)
  return 0
}

const sinceOf = (context: Context, { all }: Options): number =>
  all === true ? Number.NEGATIVE_INFINITY : context.now() - RECENT_MS

const choose = (context: Context, options: Options, wishes: Wishes, views: readonly JobView[]): readonly Glance[] => {
  const now = context.now()
  const glances = views
    .filter(
      (view) =>
        (options.all === true || isRecent(view, now)) &&
        hasLabels(view, options.label ?? {}) &&
        isOfGroup(view, options),
    )
    .map((view) => glanceAt(view, now))
  const wanted = wishes.isWanted === undefined ? glances : glances.filter(wishes.isWanted)
  return wishes.compare === undefined ? wanted : wanted.toSorted(wishes.compare)
}

const render = async (
  context: Context,
  options: Options,
  wishes: Wishes,
  glances: readonly Glance[],
): Promise<string> => {
  const { isTerminal } = context.stdout
  if (options.json === true) {
    const documents = glances.map((glance) => documentOf(glance, options))
    return `${JSON.stringify(documents, null, isTerminal ? 2 : 0)}\n`
  }
  if (options.quiet === true) return glances.map(({ view }) => `${view.id}\n`).join('')
  const { format } = wishes
  if (format?.kind === 'template') return glances.map((glance) => `${format.write(glance)}\n`).join('')
  if (!isTerminal) return separateByTabs(glances.map((glance) => cellsOf(glance, options, wishes)))
  const paint = await painter(context, options, wishes)
  return paint(glances, context.stdout.columns)
    .map((line) => `${line}\n`)
    .join('')
}

const documentOf = (glance: Glance, options: Options): object => ({
  ...documentOfJob(glance.view),
  ...(options.disk === true ? { disk_bytes: glance.disk } : {}),
})

const cellsOf = (glance: Glance, options: Options, { format }: Wishes): readonly string[] => {
  const names: readonly FieldName[] =
    format?.kind === 'columns' ? format.columns : [...PIPED, ...(options.disk === true ? (['disk'] as const) : [])]
  return names.map((name) => FIELDS[name].text(glance))
}

const painter = async (context: Context, options: Options, { format }: Wishes) => {
  const { chooseColumns, paintTable } = await import('../ls/paint-table.ts')
  const how = { hasColor: hasColor(context, context.stdout, options.color), hasGlyphs: hasGlyphs(context.env) }
  return (glances: readonly Glance[], columns: number): readonly string[] => {
    if (glances.length === 0) return []
    const names =
      format?.kind === 'columns' ? format.columns : chooseColumns(glances.length, columns, options.disk === true)
    return paintTable(glances, names, { columns, ...how })
  }
}

const saySum = async (context: Context, glances: readonly Glance[]): Promise<void> => {
  const sum = glances.reduce((bytes, { disk }) => bytes + disk, 0)
  const room = lookForRoom(context.spool)
  const free = room === null ? '' : `; ${formatSize(room.free)} free`
  await say(
    context,
    `${glances.length} ${glances.length === 1 ? 'job takes' : 'jobs take'} ${formatSize(sum)} on disk${free}`,
  )
}

const watchList = async (context: Context, options: Options, wishes: Wishes): Promise<number | Problem> => {
  const { watchLines, watchScreen } = await import('../ls/watch.ts')
  const since = sinceOf(context, options)
  const { format } = wishes
  if (context.stdout.isTerminal && options.json !== true && format?.kind !== 'template') {
    const paint = await painter(context, options, wishes)
    return watchScreen(context, since, (views, { columns }) => {
      const glances = choose(context, options, wishes, views)
      return glances.length === 0 ? ['no jobs'] : paint(glances, columns)
    })
  }
  const lineOf = (glance: Glance): string => {
    if (options.json === true) return JSON.stringify(documentOf(glance, options))
    return format?.kind === 'template' ? format.write(glance) : cellsOf(glance, options, wishes).join('\t')
  }
  return watchLines(context, since, (views) => choose(context, options, wishes, views), lineOf)
}

const isOfGroup = ({ spec }: JobView, { group }: Options): boolean =>
  group === undefined || (spec.ok && spec.value.group !== null && group.includes(spec.value.group.id))

const isRecent = ({ state }: JobView, now: number): boolean => {
  if (!state.ok) return true
  const { phase, endTime } = state.value.job
  return phase !== 'ended' || now - Date.parse(endTime ?? state.value.updated) < RECENT_MS
}
