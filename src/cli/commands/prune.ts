/** chap prune: removes jobs that ended long ago, and what crashes left half made. */
import type { Command } from 'commander'
import { carryOutPrune, checkOwnSpool, type Pruned, type PruneOptions, type PrunePlan, planPrune } from '../../index.ts'
import { type ColorWish, hasColor } from '../color.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { formatSize } from '../job-row.ts'
import { glanceAt } from '../ls/fields.ts'
import { hasGlyphs } from '../ls/state-kind.ts'
import { colorOption, readCount, readDuration } from '../options.ts'
import type { Problem } from '../problem.ts'
import { printJson, say } from '../say.ts'

type Options = CommonOptions & PruneOptions & { readonly color: ColorWish }

const HELP = `
Removes what ended more than 14 days ago, well or not, with all of its output. What did not end well stays in chap history. --older-than,
--keep and --failed go together: each of them leaves fewer jobs to be removed. With --keep alone it does not matter how long ago they ended.

Jobs stay whose files on their host are not removed yet, whose --on-exit is not over, and whose callback's receiver does not have all of
it. On a terminal a table says which went, with what each took of the disk; in a pipe it is their ids.

Examples:
  chap prune --dry-run
  chap prune --older-than 7d
  chap prune --keep 100                  but for the newest hundred
  chap prune --failed --older-than 1d
  chap prune --keep 0 --dry-run --json | jq .bytes`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .option('--older-than <duration>', 'only what ended so long ago (default: 14d)', readDuration)
    .option('--keep <number>', 'so many that ended last stay', readCount)
    .option('--failed', 'only what did not end well')
    .option('--dry-run', 'say which, and remove nothing')
    .addOption(colorOption())
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((options: Options) => perform(invocation, options, () => prune(invocation, options)))
}

const prune = async ({ context }: Invocation, options: Options): Promise<number | Problem> => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const { dryRun = false, json = false } = options
  const plan = planPrune(context, options)
  const table = !json && context.stdout.isTerminal ? await paintPlan(context, plan, options.color) : ''
  const pruned = await carryOutPrune(context, plan, dryRun)
  if (json) await printJson(context, documentOf(pruned, dryRun))
  else await context.stdout.write(table || pruned.ids.map((id) => `${id}\n`).join(''))
  if (!json && context.stderr.isTerminal) await saySum(context, pruned, dryRun)
  return 0
}

const documentOf = ({ ids, ...rest }: Pruned, isDryRun: boolean): object => ({
  [isDryRun ? 'would_remove' : 'removed']: ids,
  ...rest,
})

/** Before they go: afterwards nothing is known of them. */
const paintPlan = async (context: Context, { goes }: PrunePlan, color: ColorWish): Promise<string> => {
  if (goes.length === 0) return ''
  const { paintTable } = await import('../ls/paint-table.ts')
  const how = { hasColor: hasColor(context, context.stdout, color), hasGlyphs: hasGlyphs(context.env) }
  return paintTable(
    goes.map(({ view }) => glanceAt(view, context.now())),
    ['id', 'name', 'host', 'state', 'exit', 'age', 'disk', 'command'],
    { columns: context.stdout.columns, ...how },
  )
    .map((line) => `${line}\n`)
    .join('')
}

const saySum = async (context: Context, pruned: Pruned, isDryRun: boolean): Promise<void> => {
  const { ids, leftovers, held, bytes } = pruned
  const things = [
    ...(ids.length === 0 ? [] : [ids.length === 1 ? '1 job' : `${ids.length} jobs`]),
    ...(leftovers.length === 0 ? [] : [`${leftovers.length} left half made`]),
  ]
  const what = things.length === 0 ? 'nothing' : things.join(' and ')
  const verb = isDryRun ? 'would be removed' : 'removed'
  const size =
    things.length === 0 ? '' : isDryRun ? `, which frees ${formatSize(bytes)}` : `, ${formatSize(bytes)} freed`
  await say(context, `${what} ${verb}${size}`)
  if (held.length > 0) await say(context, `${wordsOfHeld(held.map(({ id }) => id))} not over yet`, hintOf(held))
}

const MOST_NAMED = 5

const wordsOfHeld = (ids: readonly string[]): string => {
  const named = ids.slice(0, MOST_NAMED).join(', ')
  const rest = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : ''
  return `${named}${rest} ${ids.length === 1 ? 'stays, since it is' : 'stay, since they are'}`
}

const hintOf = (held: Pruned['held']): string => {
  const has = (one: Pruned['held'][number]['why']): boolean => held.some(({ why }) => why === one)
  return [
    ...(has('callback_pending') ? ['chap deliver tries a callback again'] : []),
    ...(has('not_collected') || has('on_exit_pending') ? ['chap recover sees to what is left to do'] : []),
    'chap rm --force does without',
  ].join('; ')
}
