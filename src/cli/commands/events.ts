/** chap events: what happens to jobs, as it happens. */
import type { Command } from 'commander'
import { checkOwnSpool, chooseEach, watchEvents } from '../../index.ts'
import type { Context } from '../context.ts'
import { lineOfEvent } from '../event-words.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { readSince } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'

interface Options extends CommonOptions {
  readonly since?: (now: number) => number
}

const HELP = `
Follows the whole spool until Ctrl-C: jobs that are made later, too, and a spool that is made later. With --since, what
happened since then comes first, by time. Each change is told once by one call. To
go on later, give --since the time of the last line less two seconds, and drop what you know already.

Events: created, started, connect_failed, link_lost, link_restored, disk_full, disk_free, signal_asked, signal_sent,
ended, collected, on_exit_ended, delivered, undelivered, recovered; and what only a reader sees: output_grew (once a second at the most),
orphaned, removed, run_begun, run_ended, run_missed, run_lost.

Examples:
  chap events
  chap events --since 1h --json k3f9 | jq -r .event`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('[job...]', 'ids, beginnings of ids, names, or last; none: all jobs')
    .option('--since <time>', 'first what happened since then: 10m (ago), or 2026-11-27T04:30:00Z', readSince)
    .option('--json', 'for programs: JSON Lines')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => follow(invocation.context, names, options)),
    )
}

const follow = async (context: Context, names: readonly string[], options: Options): Promise<number | Problem> => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const views = names.length === 0 ? null : chooseEach(context, names)
  if (isProblem(views)) return views
  const only = views && new Set(views.map(({ id }) => id))
  const since = options.since?.(context.now()) ?? null
  for await (const event of watchEvents(context.spool, { since, only })) {
    const line = options.json === true ? `${JSON.stringify(event)}\n` : lineOfEvent(event)
    if (!(await context.stdout.write(line))) return 0
  }
  return 0
}
