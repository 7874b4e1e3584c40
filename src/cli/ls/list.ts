/** The jobs that `ls` shows, and how. It reads the spool and nothing else: no network, no chaperone is asked. */
import { checkOwnSpool, documentOfJob, hasLabels, type JobView, listJobs, usage } from '../../index.ts'
import { hasColor } from '../color.ts'
import type { Context } from '../context.ts'
import { formatSize } from '../job-row.ts'
import { lookForRoom, warnOfLowDisk } from '../low-disk.ts'
import { isProblem, type Problem } from '../problem.ts'
import { say } from '../say.ts'
import { separateByTabs } from '../table.ts'
import { FIELDS, type FieldName, type Glance, glanceAt, PIPED } from './fields.ts'
import type { chooseColumns, paintTable } from './paint-table.ts'
import type { ListOptions } from './read-options.ts'
import { hasGlyphs } from './state-kind.ts'
import { readWishes, type Wishes } from './wishes.ts'

/** What paints for a terminal: a pipe needs none of it. */
export type LoadPainter = () => Promise<{
  readonly chooseColumns: typeof chooseColumns
  readonly paintTable: typeof paintTable
}>

/** Milliseconds after its end in which a job is shown without being asked for. */
const RECENT_MS = 24 * 3_600_000

/** Whether it can be done. */
export const checkList = (context: Context, options: ListOptions): Wishes | Problem => {
  const { json: isJson = false, quiet = false, format, watch: isWatching = false } = options
  if ([isJson, quiet, format !== undefined].filter(Boolean).length > 1)
    return usage('--json, -q and --format are three ways to show jobs', 'choose one')
  if (isWatching && quiet) return usage('--watch shows how jobs are, and -q only their ids')
  return checkOwnSpool(context) ?? readWishes(options)
}

/** A problem comes before anything was written. */
export const list = async (
  context: Context,
  options: ListOptions,
  loadPainter: LoadPainter,
): Promise<number | Problem> => {
  const wishes = checkList(context, options)
  if (isProblem(wishes)) return wishes
  const glances = choose(context, options, wishes, listJobs(context.spool, context.now(), sinceOf(context, options)))
  await context.stdout.write(await render(context, options, wishes, glances, loadPainter))
  if (options.disk === true) await saySum(context, glances)
  // A script that looks every minute is not told each time.
  if (context.stderr.isTerminal) await warnOfLowDisk(context, options)
  return 0
}

const isOfAll = ({ all, disk }: ListOptions): boolean => all === true || disk === true

export const sinceOf = (context: Context, options: ListOptions): number =>
  isOfAll(options) ? Number.NEGATIVE_INFINITY : context.now() - RECENT_MS

export const choose = (
  context: Context,
  options: ListOptions,
  wishes: Wishes,
  views: readonly JobView[],
): readonly Glance[] => {
  const now = context.now()
  const glances = views
    .filter(
      (view) =>
        (isOfAll(options) || isRecent(view, now)) && hasLabels(view, options.label ?? {}) && isOfGroup(view, options),
    )
    .map((view) => glanceAt(view, now))
  const wanted = wishes.isWanted === undefined ? glances : glances.filter(wishes.isWanted)
  return wishes.compare === undefined ? wanted : wanted.toSorted(wishes.compare)
}

const render = async (
  context: Context,
  options: ListOptions,
  wishes: Wishes,
  glances: readonly Glance[],
  loadPainter: LoadPainter,
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
  const paint = await openPainter(context, options, wishes, loadPainter)
  return paint(glances, context.stdout.columns)
    .map((line) => `${line}\n`)
    .join('')
}

export const documentOf = (glance: Glance, options: ListOptions): object => ({
  ...documentOfJob(glance.view),
  ...(options.disk === true ? { disk_bytes: glance.disk } : {}),
})

export const cellsOf = (glance: Glance, options: ListOptions, { format }: Wishes): readonly string[] => {
  const names: readonly FieldName[] =
    format?.kind === 'columns' ? format.columns : [...PIPED, ...(options.disk === true ? (['disk'] as const) : [])]
  return names.map((name) => FIELDS[name].text(glance))
}

export const openPainter = async (
  context: Context,
  options: ListOptions,
  { format }: Wishes,
  loadPainter: LoadPainter,
) => {
  const painter = await loadPainter()
  const how = { hasColor: hasColor(context, context.stdout, options.color), hasGlyphs: hasGlyphs(context.env) }
  return (glances: readonly Glance[], columns: number): readonly string[] => {
    if (glances.length === 0) return []
    const names =
      format?.kind === 'columns'
        ? format.columns
        : painter.chooseColumns(glances.length, columns, options.disk === true)
    return painter.paintTable(glances, names, { columns, ...how })
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

const isOfGroup = ({ spec }: JobView, { group }: ListOptions): boolean =>
  group === undefined || (spec.ok && spec.value.group !== null && group.includes(spec.value.group.id))

const isRecent = ({ state }: JobView, now: number): boolean => {
  if (!state.ok) return true
  const { phase, endTime } = state.value.job
  return phase !== 'ended' || now - Date.parse(endTime ?? state.value.updated) < RECENT_MS
}
