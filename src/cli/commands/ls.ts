/** chap ls: the jobs. It reads the spool and nothing else: no network, no chaperone is asked. */
import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { checkOwnSpool, documentOfJob, hasLabels, type JobView, jobsDir, listJobs, viewLastRuns } from '../../index.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { COLUMNS, rowOfJob } from '../job-row.ts'
import { collect, collectLabels } from '../options.ts'
import type { Problem } from '../problem.ts'
import { layOut, separateByTabs } from '../table.ts'

interface Options extends CommonOptions {
  readonly group?: readonly string[]
  readonly all?: boolean
  readonly quiet?: boolean
  readonly watch?: boolean
  readonly label?: Readonly<Record<string, string>>
}

/** Milliseconds after its end in which a job is shown without being asked for. */
const RECENT_MS = 24 * 3_600_000
const CLEAR = '\u001b[H\u001b[2J'

const HELP = `
Shows what runs, and what ended within a day. On a terminal the table fits its width; in a pipe it is
tab-separated, whole, and without a head.

Examples:
  chap ls -a
  chap ls --group g7kx
  chap ls -q -l team=ml
  chap ls | cut -f1,4`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .option('-a, --all', 'also what ended long ago')
    .option('-q, --quiet', 'ids only')
    .option('--group <group>', 'only the jobs of a group (repeatable)', collect)
    .option('-l, --label <key=value>', 'only jobs with this label (repeatable)', collectLabels)
    .option('--watch', 'go on showing how they are')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((options: Options) => perform(invocation, options, () => list(invocation, options)))
}

const list = async ({ context }: Invocation, options: Options): Promise<number | Problem> => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  if (options.watch === true) return watchList(context, options)
  await context.stdout.write(render(context, options))
  return 0
}

const watchList = async (context: Context, options: Options): Promise<number> => {
  const { watchSpool } = await import('../../index.ts')
  const watch = await watchSpool([jobsDir(context.spool)], 1)
  for (let shown = ''; ; await watch.changed()) {
    const text = render(context, options)
    if (text === shown) continue
    shown = text
    if (!(await context.stdout.write(`${context.stdout.isTerminal ? CLEAR : ''}${text}`))) return 0
  }
}

const render = (context: Context, options: Options): string => {
  const now = context.now()
  const views = listJobs(context.spool, now, options.all === true ? undefined : now - RECENT_MS).filter(
    (view) =>
      (options.all === true || isRecent(view, now)) && hasLabels(view, options.label ?? {}) && isOfGroup(view, options),
  )
  if (options.json === true)
    return `${JSON.stringify(views.map(documentOfJob), null, context.stdout.isTerminal ? 2 : 0)}\n`
  if (options.quiet === true) return views.map(({ id }) => `${id}\n`).join('')
  const rows = views.map((view) => rowOfJob(view, countBytes(view), now, viewLastRuns(view)))
  if (!context.stdout.isTerminal) return separateByTabs(rows)
  return layOut(endWithCommand(COLUMNS), rows.map(endWithCommand), context.stdout.columns)
}

/** On a terminal the longest column is the last; in a pipe each keeps its number. */
const endWithCommand = (row: readonly string[]): readonly string[] => [
  ...row.slice(0, -2),
  ...row.slice(-2).toReversed(),
]

const isOfGroup = ({ spec }: JobView, { group }: Options): boolean =>
  group === undefined || (spec.ok && spec.value.group !== null && group.includes(spec.value.group.id))

const isRecent = ({ state }: JobView, now: number): boolean => {
  if (!state.ok) return true
  const { phase, endTime } = state.value.job
  return phase !== 'ended' || now - Date.parse(endTime ?? state.value.updated) < RECENT_MS
}

const countBytes = ({ state, paths }: JobView): number => {
  const sizes = state.ok ? state.value.job.sizes : null
  if (sizes !== null) return sizes.stdout + sizes.stderr
  return [paths.stdout, paths.stderr]
    .map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)
}
