/** chap ls: the jobs. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { type Invocation, perform } from '../invocation.ts'
import { FIELDS, type Glance } from '../ls/fields.ts'
import { cellsOf, checkList, choose, documentOf, type LoadPainter, list, openPainter, sinceOf } from '../ls/list.ts'
import type { ListOptions } from '../ls/read-options.ts'
import { collect, collectLabels, colorOption } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'

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
    .action((options: ListOptions) =>
      perform(invocation, options, () =>
        options.watch === true
          ? watchList(invocation.context, options)
          : list(invocation.context, options, loadPainter),
      ),
    )
}

const loadPainter: LoadPainter = () => import('../ls/paint-table.ts')

const watchList = async (context: Context, options: ListOptions): Promise<number | Problem> => {
  const wishes = checkList(context, options)
  if (isProblem(wishes)) return wishes
  const { watchLines, watchScreen } = await import('../ls/watch.ts')
  const since = sinceOf(context, options)
  const { format } = wishes
  if (context.stdout.isTerminal && options.json !== true && format?.kind !== 'template') {
    const paint = await openPainter(context, options, wishes, loadPainter)
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
