/** chap deliver: has the callbacks of jobs tried again. */
import type { Command } from 'commander'
import { chooseJobs, deliverAll, type Selection, viewCallback } from '../../index.ts'
import { addSelection } from '../group-options.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'
import { printJson, say, sayProblem } from '../say.ts'

interface Options extends CommonOptions, Selection {
  readonly wait: boolean
}

const HELP = `
What a receiver refused, or could not take for so long that it was given up, is kept: this has it sent again.
Returns when the receiver has all that there is, or with what it met.

Examples:
  chap deliver k3f9
  chap deliver --all        every callback that was given up, or is being tried`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every callback that has not got all')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last')
    .option('--no-wait', 'return once it is asked for')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => deliverChosen(invocation, names, options)),
    )
}

const deliverChosen = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  const { json = false, wait } = options
  const views = chooseJobs(
    context,
    names,
    options,
    (view) => !['delivered', undefined].includes(viewCallback(view)?.kind),
  )
  if (isProblem(views)) return views
  const results = await deliverAll(
    views.map(({ id }) => id),
    { spool: context.spool, ...(wait ? {} : { wait: 0 }) },
  )
  if (json)
    await printJson(
      context,
      results.map(({ id, result }) => ({ id, result: isProblem(result) ? result.code : result.result })),
    )
  const statuses: number[] = []
  for (const { id, result } of results) {
    if (isProblem(result)) statuses.push(await sayProblem(context, result, json))
    else if (!json) await say(context, result.result === 'delivered' ? `${id} is delivered` : `${id}: it is tried`)
  }
  return Math.max(0, ...statuses)
}
