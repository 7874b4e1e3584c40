/** chap wait: returns when jobs have ended, with their status. */
import type { Command } from 'commander'
import {
  chooseJobs,
  endedBy,
  exitStatusOfJob,
  hostOf,
  isGoingOn,
  type Job,
  type JobView,
  jobOf,
  outcomeOf,
  problemOfTrouble,
  type Selection,
  type Waited,
  waitForJobs,
} from '../../index.ts'
import { concludeEnd } from '../attach-job.ts'
import type { Context } from '../context.ts'
import { addSelection } from '../group-options.ts'
import { memberOf, sayEnds } from '../group-summary.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { openJobTerminal, UNTIL_INTERRUPTED } from '../job-terminal.ts'
import { readDuration } from '../options.ts'
import { exitStatusOfProblem, isProblem, type Problem } from '../problem.ts'
import { startProgress } from '../progress.ts'
import { printJson, sayProblem } from '../say.ts'
import { recoveryOf } from '../secrets.ts'

interface Options extends CommonOptions, Selection {
  readonly timeout?: number
  readonly any?: boolean
}

const HELP = `
Exits with the job's own status (128+n when a signal ended it, 125 when its status can't be known); of several
jobs, the largest. 124 when a timer ended the job, or this command's own time is up.

Examples:
  chap wait k3f9 && echo done
  chap wait g7kx                    all jobs of a group; says who failed and how
  chap wait a b c --any --timeout 1h`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that goes on')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last')
    .option('--timeout <duration>', 'wait no longer than this', readDuration)
    .option('--any', 'until the first of them has ended')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) => perform(invocation, options, () => wait(invocation, names, options)))
}

const wait = async ({ context }: Invocation, names: readonly string[], options: Options): Promise<number | Problem> => {
  const views = chooseJobs(context, names, options, isGoingOn)
  if (isProblem(views)) return views
  const { timeout, json = false } = options
  const isAny = options.any ?? false
  const members = views.map(memberOf)
  const terminal = openJobTerminal(context, UNTIL_INTERRUPTED)
  const stop = startProgress(
    terminal,
    views.map(({ paths }) => paths),
    members[0]?.group?.maxParallel ?? null,
  )
  const timer = new AbortController()
  if (timeout !== undefined) setTimeout(() => timer.abort(), timeout)
  const recoveries = new Map(views.map((view) => [view.paths, recoveryOf(terminal.words, view.id, hostOf(view))]))
  const results = await waitForJobs(
    views.map(({ paths }) => paths),
    {
      until: isAny ? 'any' : 'all',
      signal: timer.signal,
      recovery: (paths) => recoveries.get(paths) ?? {},
    },
  )
  stop()
  await terminal.restore()
  if (json)
    await printJson(
      context,
      views.map((view, index) => documentOf(view, results[index])),
    )
  const statuses: number[] = []
  for (const [index, view] of views.entries()) {
    const result = results[index]
    if (result !== undefined) statuses.push(await tell(context, view, result, json, views.length > 1))
  }
  if (views.length > 1 && !json) {
    await sayEnds(
      context,
      members.map((member, index) => ({ ...member, job: jobOfResult(member, results[index]) })),
    )
  }
  const left = views.filter((_, index) => results[index] === undefined).map(({ id }) => id)
  if (left.length > 0 && (!isAny || statuses.length === 0)) return { code: 'timed_out', ids: left }
  return Math.max(0, ...statuses)
}

const jobOfResult = ({ state }: JobView, result: Waited | undefined): Job | null => {
  if (result === undefined) return state.ok ? state.value.job : null
  return result.kind === 'ended' ? result.state.job : null
}

const documentOf = ({ id }: JobView, result: Waited | undefined): object => {
  const job = result?.kind === 'ended' ? result.state.job : null
  return {
    id,
    result: result?.kind ?? 'running',
    outcome: job && outcomeOf(job),
    ended_by: job && endedBy(job),
    exit_status: job && exitStatusOfJob(job),
  }
}

/** @returns the exit status */
const tell = async (
  context: Context,
  view: JobView,
  result: Waited,
  isJson: boolean,
  isSummed: boolean,
): Promise<number> => {
  const { id } = view
  if (result.kind === 'ended' && (isJson || isSummed)) return exitStatusOfJob(result.state.job) ?? 0
  if (result.kind === 'ended') return concludeEnd(context, jobOf(view), result.state, false)
  const problem = problemOfTrouble(id, result)
  return isJson ? exitStatusOfProblem(problem) : sayProblem(context, problem, false)
}
