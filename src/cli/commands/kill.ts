/** chap kill: ends jobs with all that they started, or sends them one signal. */
import { type Command, Option } from 'commander'
import {
  type Asked,
  askJob,
  chooseJobs,
  hostOf,
  isGoingOn,
  type JobView,
  outcomeOf,
  problemOfAsked,
  type Selection,
  type Signal,
  type Wish,
} from '../../index.ts'
import type { Context } from '../context.ts'
import { announceDisk } from '../follow-words.ts'
import { addSelection } from '../group-options.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { readDuration, readSignal } from '../options.ts'
import { wordsOfOutcome } from '../outcome-words.ts'
import { isProblem, type Problem } from '../problem.ts'
import { wordsOfProblem } from '../problem-words.ts'
import { printJson, say, sayProblem } from '../say.ts'
import { recoveryOf } from '../secrets.ts'

interface Options extends CommonOptions, Selection {
  readonly signal?: Signal
  readonly grace: number
  readonly wait: boolean
}

const HELP = `
SIGTERM, then after the grace SIGKILL, to the whole process group; returns when the job has ended. When its host
can't be reached the kill is recorded, and carried out as soon as it can be.

A series is ended between its runs, or with the run that goes on. One signal is for that run, and the series goes on.

Examples:
  chap kill k3f9
  chap kill k3f9 web --grace 0      at once with SIGKILL
  chap kill g7kx                    a group's jobs, also those that wait
  chap kill -s HUP web              just this signal, and the job goes on`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that goes on')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last')
    .option('-s, --signal <signal>', 'send just this one', readSignal)
    .addOption(
      new Option('--grace <duration>', 'from SIGTERM to SIGKILL').argParser(readDuration).default(10_000, '10s'),
    )
    .option('--no-wait', 'return once the kill is recorded')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) => perform(invocation, options, () => kill(invocation, names, options)))
}

const kill = async ({ context }: Invocation, names: readonly string[], options: Options): Promise<number | Problem> => {
  const views = chooseJobs(context, names, options, isGoingOn)
  if (isProblem(views)) return views
  const { signal, grace, json = false } = options
  const wish: Wish =
    signal !== undefined
      ? { kind: 'signal', signal }
      : { kind: 'stop', signal: grace === 0 ? 'SIGKILL' : 'SIGTERM', grace: grace / 1000 }
  const results = await Promise.all(
    views.map((view) => killJob(context, view, wish, !options.wait || isForLater(view, wish))),
  )
  if (json) await printJson(context, results.map(documentOf))
  const statuses: number[] = []
  for (const result of results) statuses.push(await tell(context, result, json))
  return Math.max(0, ...statuses)
}

interface Result {
  readonly view: JobView
  readonly asked: Asked
}

/** One signal for a job that waits for its turn: it is delivered when that has come, and is not waited for. */
const isForLater = ({ verdict }: JobView, { kind }: Wish): boolean => kind === 'signal' && verdict === 'queued'

const killJob = async (context: Context, view: JobView, wish: Wish, isImpatient: boolean): Promise<Result> => {
  const onState = announceDisk(context, view.id)
  const recovery = recoveryOf(context, view.id, hostOf(view))
  return { view, asked: await askJob(context, view, wish, { isImpatient, onState, ...recovery }) }
}

const documentOf = ({ view, asked }: Result): object => ({
  id: view.id,
  result: asked.kind,
  outcome: asked.kind === 'ended' ? outcomeOf(asked.state.job) : null,
})

/** @returns the exit status */
const tell = async (context: Context, { view, asked }: Result, isJson: boolean): Promise<number> => {
  const host = hostOf(view) ?? 'this machine'
  const problem = problemOf(view, asked, host)
  if (problem?.code === 'kill_pending') {
    if (!isJson) await say(context, wordsOfProblem(problem).message)
    return 0
  }
  if (problem !== undefined) return sayProblem(context, problem, isJson)
  const outcome = asked.kind === 'ended' ? outcomeOf(asked.state.job) : null
  if (outcome === null || isJson) return 0
  const had = view.verdict === 'ended' ? 'has ended already' : 'has ended'
  await say(context, `${view.id} ${had}: ${wordsOfOutcome(outcome, host).message}`)
  return 0
}

const problemOf = ({ id }: JobView, asked: Asked, host: string): Problem | undefined => {
  switch (asked.kind) {
    case 'ended':
    case 'sent':
    case 'accepted':
      return undefined
    case 'pending':
      return { code: 'kill_pending', id, host }
    default:
      return problemOfAsked(id, asked)
  }
}
