/** chap recover: brings back the chaperones of jobs that lost them, as after a reboot of this machine. */
import type { Command } from 'commander'
import {
  checkOwnSpool,
  chooseJobs,
  hostOf,
  isGoingOn,
  type JobView,
  listJobs,
  needsRecovery,
  type Recovered,
  recoverView,
  type SecretSource,
  type Selection,
  tendGroup,
  usage,
} from '../../index.ts'
import type { Context } from '../context.ts'
import { announceRecovery } from '../follow-words.ts'
import { addSelection } from '../group-options.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'
import { printJson, say, sayProblem } from '../say.ts'
import { asker } from '../secrets.ts'

interface Options extends CommonOptions, Selection {
  readonly askPassword?: boolean
}

const HELP = `
A chaperone is the process here that looks after a job. Where it is gone, by a reboot or a kill, chap ls says orphaned; the command
goes on at its host, and a new chaperone fetches what was missed.

attach, wait, kill and logs -f do this by themselves for the job they are about.

Examples:
  chap recover --all        after a reboot
  chap recover k3f9`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that needs it')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last')
    .option('--ask-password', 'type the password, wherever it came from at the start')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => recover(invocation, names, options)),
    )
}

const recover = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  const { all = false, json = false, askPassword = false } = options
  const source: SecretSource | undefined = askPassword ? { kind: 'prompt' } : undefined
  if (all === (names.length > 0 || options.group !== undefined || options.label !== undefined))
    return usage('say which jobs, or --all', 'chap recover --all')
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const views = all ? listJobs(context.spool, context.now()) : chooseJobs(context, names, options, isGoingOn)
  if (isProblem(views)) return views
  const results: { view: JobView; recovered: Recovered | undefined }[] = []
  // One after the other: hundreds of them at once would only be in each other's way.
  for (const view of views) {
    const ask = asker(context, hostOf(view), view.id)
    if (view.spec.ok) await tendGroup(view.paths, view.spec.value, ask)
    if (all && !needsRecovery(view, false)) continue
    results.push({ view, recovered: await recoverView(view, !all, ask, source) })
  }
  if (json)
    await printJson(
      context,
      results.map(({ view, recovered }) => ({ id: view.id, result: recovered?.kind ?? view.verdict })),
    )
  const statuses: number[] = []
  for (const { view, recovered } of results) statuses.push(await tell(context, view, recovered, json))
  return Math.max(0, ...statuses)
}

/** @returns the exit status */
const tell = async (
  context: Context,
  { id, verdict }: JobView,
  recovered: Recovered | undefined,
  isJson: boolean,
): Promise<number> => {
  if (recovered?.kind === 'failed')
    return sayProblem(context, { code: 'unattended', id, evidence: recovered.evidence }, isJson)
  if (recovered?.kind === 'locked') return sayProblem(context, { code: 'secret', id, fault: recovered.fault }, isJson)
  if (recovered?.kind === 'elsewhere')
    return sayProblem(context, { code: 'elsewhere', id, host: recovered.host }, isJson)
  if (recovered?.kind === 'unreadable')
    return sayProblem(context, { code: 'unreadable', id, fault: recovered.fault }, isJson)
  if (recovered?.kind === 'gone') return sayProblem(context, { code: 'gone', id }, isJson)
  if (isJson) return 0
  if (recovered?.kind === 'recovered') announceRecovery(context, id)(recovered)
  else if (verdict === 'queued') await say(context, `${id} waits for its turn`)
  else await say(context, verdict === 'ended' ? `${id} has ended` : `${id} has its chaperone`)
  return 0
}
