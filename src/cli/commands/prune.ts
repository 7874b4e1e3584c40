/** chap prune: removes jobs that ended long ago, and what crashes left half made. */
import type { Command } from 'commander'
import { listJobs } from '../../watcher/find-jobs.ts'
import { retireJob } from '../../watcher/history.ts'
import { findNewer, type JobView } from '../../watcher/job-view.ts'
import { sweepLeftovers } from '../../watcher/remove-jobs.ts'
import { checkOwnSpool } from '../choose-job.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { readDuration } from '../options.ts'
import type { Problem } from '../problem.ts'
import { printJson, say } from '../say.ts'

interface Options extends CommonOptions {
  readonly olderThan: number
  readonly dryRun?: boolean
}

const FORTNIGHT_MS = 14 * 24 * 3_600_000

const HELP = `
Jobs whose files on their host are not removed yet stay. What did not end well stays in chap history.

Examples:
  chap prune --dry-run
  chap prune --older-than 1d`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .option('--older-than <duration>', 'how long ago they ended (default: 14d)', readDuration, FORTNIGHT_MS)
    .option('--dry-run', 'say which, and remove nothing')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((options: Options) => perform(invocation, options, () => prune(invocation, options)))
}

const prune = async ({ context }: Invocation, options: Options): Promise<number | Problem> => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const now = context.now()
  const { dryRun = false, olderThan, json = false } = options
  const old = listJobs(context.spool, now).filter((view) => isOld(view, now - olderThan))
  const ids: string[] = []
  for (const view of old) if (dryRun || (await retireJob(context.spool, view))) ids.push(view.id)
  const leftovers = sweepLeftovers(context.spool, now, dryRun)
  await tell(context, ids, leftovers, dryRun, json)
  return 0
}

const isOld = (view: JobView, before: number): boolean => {
  const { state } = view
  if (!state.ok || findNewer(view) !== undefined) return false
  const { phase, link, endTime } = state.value.job
  return phase === 'ended' && link.status === 'closed' && Date.parse(endTime ?? state.value.updated) <= before
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
