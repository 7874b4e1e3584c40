/** chap inspect: all that is known of a job. */
import type { Command } from 'commander'
import { chooseJobs, documentOfJob, isGoingOn, type JobView, type Selection } from '../../index.ts'
import { type ColorWish, hasColor } from '../color.ts'
import type { Context } from '../context.ts'
import { addSelection } from '../group-options.ts'
import { cardOf } from '../inspect/card.ts'
import { cardOfGroup, groupOf, tableOfGroup } from '../inspect/group-card.ts'
import { ruleOf, type Showing, showCard } from '../inspect/show-card.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { hasGlyphs } from '../ls/state-kind.ts'
import { colorOption } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { printJson } from '../say.ts'

interface Options extends CommonOptions, Selection {
  readonly color: ColorWish
}

const HELP = `
Of a group that is named alone: what was asked, how its jobs did, and a line for each. Values of the job's environment are never shown.

Examples:
  chap inspect k3f9
  chap inspect g7kx                      a group
  chap inspect last --json | jq .outcome`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that goes on')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last')
    .addOption(colorOption())
    .option('--json', 'for programs: everything, of a group a list')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => inspect(invocation, names, options)),
    )
}

const inspect = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  const views = chooseJobs(context, names, options, isGoingOn)
  if (isProblem(views)) return views
  const documents = options.json === true ? views.map(documentOfJob) : []
  if (options.json === true) await printJson(context, documents.length === 1 ? documents[0] : documents)
  else await context.stdout.write(showJobs(context, views, names, options))
  return 0
}

const showJobs = (
  context: Context,
  views: readonly JobView[],
  names: readonly string[],
  { color, group = [], label }: Options,
): string => {
  const { stdout, env } = context
  const now = context.now()
  const showing: Showing = {
    columns: stdout.isTerminal ? stdout.columns : null,
    hasColor: hasColor(context, stdout, color),
    hasGlyphs: hasGlyphs(env),
  }
  const place = label === undefined ? groupOf(views, [...names, ...group]) : undefined
  if (place !== undefined)
    return `${showCard(cardOfGroup(place, views, now), showing)}\n${tableOfGroup(views, now, showing)}`
  return views.map((view) => showCard(cardOf(view, now), showing)).join(ruleOf(showing))
}
