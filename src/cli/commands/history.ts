/** chap history: what did not end well, also of jobs that were removed. */
import type { Command } from 'commander'
import { type BadEnd, checkOwnSpool, chooseHistory, formatDuration } from '../../index.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { readSince } from '../options.ts'
import type { Problem } from '../problem.ts'
import { safeText, showArgv } from '../safe-text.ts'
import { layOut, separateByTabs } from '../table.ts'

interface Options extends CommonOptions {
  readonly since?: (now: number) => number
}

const COLUMNS = ['TIME', 'JOB', 'NAME', 'RUN', 'HOST', 'HOW', 'EXIT', 'AGE', 'KEPT', 'COMMAND'] as const

const HELP = `
Jobs and runs that failed, were killed or timed out, never began, or whose status is not known, newest last; and
runs of a series that were missed or lost. What chap rm and chap prune remove is kept, and marked so: the last
thousands of ends, in the spool's file history.

Examples:
  chap history --since 1d
  chap history nightly --json | jq '.[-1]'`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('[job...]', 'ids, beginnings of ids, or names, also of removed jobs; none: all')
    .option('--since <time>', 'only what ended since then: 10m (ago), or 2026-11-27T04:30:00Z', readSince)
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => show(invocation.context, names, options)),
    )
}

const show = async (context: Context, names: readonly string[], options: Options): Promise<number | Problem> => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const now = context.now()
  const since = options.since?.(now)
  const entries = chooseHistory(context, { names, ...(since === undefined ? {} : { since }) })
  await context.stdout.write(render(context, entries, now, options.json === true))
  return 0
}

const render = ({ stdout }: Context, entries: readonly BadEnd[], now: number, isJson: boolean): string => {
  if (isJson) return `${JSON.stringify(entries, null, stdout.isTerminal ? 2 : 0)}\n`
  const rows = entries.map((entry) => rowOf(entry, now))
  return stdout.isTerminal ? layOut(COLUMNS, rows, stdout.columns) : separateByTabs(rows)
}

const rowOf = (entry: BadEnd, now: number): readonly string[] => [
  entry.time,
  entry.job,
  safeText(entry.name ?? ''),
  entry.run === null ? '' : String(entry.run),
  safeText(entry.host ?? ''),
  safeText(entry.detail === null ? entry.how : `${entry.how}: ${entry.detail}`),
  entry.exit_status === null ? '' : String(entry.exit_status),
  formatDuration(now - Date.parse(entry.time)),
  entry.kept ? 'kept' : '',
  safeText(entry.command ?? showArgv(entry.argv ?? [])),
]
