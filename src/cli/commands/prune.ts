/** chap prune: removes jobs that ended long ago, and what crashes left half made. */
import type { Command } from 'commander'
import { checkOwnSpool, pruneSpool } from '../../index.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { readDuration } from '../options.ts'
import type { Problem } from '../problem.ts'
import { printJson, say } from '../say.ts'

interface Options extends CommonOptions {
  readonly olderThan?: number
  readonly dryRun?: boolean
}

const HELP = `
Jobs whose files on their host are not removed yet stay. What did not end well stays in chap history.

Examples:
  chap prune --dry-run
  chap prune --older-than 1d`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .option('--older-than <duration>', 'how long ago they ended (default: 14d)', readDuration)
    .option('--dry-run', 'say which, and remove nothing')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((options: Options) => perform(invocation, options, () => prune(invocation, options)))
}

const prune = async ({ context }: Invocation, options: Options): Promise<number | Problem> => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const { ids, leftovers } = await pruneSpool(context, options)
  const { dryRun = false, json = false } = options
  await tell(context, ids, leftovers, dryRun, json)
  return 0
}

const tell = async (
  context: Context,
  ids: readonly string[],
  leftovers: readonly string[],
  isDryRun: boolean,
  isJson: boolean,
): Promise<void> => {
  if (isJson) {
    await printJson(context, { [isDryRun ? 'would_remove' : 'removed']: ids, leftovers })
    return
  }
  await context.stdout.write(ids.map((id) => `${id}\n`).join(''))
  const jobs = ids.length === 1 ? '1 job' : `${ids.length} jobs`
  if (context.stderr.isTerminal) await say(context, `${jobs} ${isDryRun ? 'would be removed' : 'removed'}`)
}
