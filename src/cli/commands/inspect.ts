/** chap inspect: all that is known of a job. */
import type { Command } from 'commander'
import {
  type Asker,
  chooseJobs,
  documentOfJob,
  endedBy,
  findNewer,
  type GroupPlace,
  hostOf,
  isGoingOn,
  type Job,
  type JobView,
  type Limits,
  type LogFileView,
  outcomeOf,
  readGaps,
  type Selection,
  seriesOf,
  spellSeconds,
  viewLastRuns,
  viewLogFile,
  viewRuns,
} from '../../index.ts'
import { cardOfCallback } from '../callback-words.ts'
import { wordsOfGap } from '../gap-words.ts'
import { addSelection } from '../group-options.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { commandOf, formatSize, stateOf } from '../job-row.ts'
import { cardOfOnExit } from '../on-exit-words.ts'
import { wordsOfOutcome, wordsOfTimer } from '../outcome-words.ts'
import { isProblem, type Problem } from '../problem.ts'
import { wordsOfReadFault } from '../problem-words.ts'
import { safeText } from '../safe-text.ts'
import { printJson } from '../say.ts'
import { cardOfSeries } from '../series-words.ts'
import { type Words, wordsOfFault } from '../words.ts'

interface Options extends CommonOptions, Selection {}

const HELP = `
Values of the job's environment are never shown.

Examples:
  chap inspect k3f9
  chap inspect last --json | jq .outcome`

export const configure = (command: Command, invocation: Invocation): void => {
  addSelection(command, 'every job that goes on')
    .argument('[job...]', 'ids, beginnings of ids, groups, names, or last')
    .option('--json', 'for programs: everything')
    .addHelpText('after', HELP)
    .action((names: string[], options: Options) =>
      perform(invocation, options, () => inspect(invocation, names, options)),
    )
}

const inspect = async (
  { context }: Invocation,
  names: readonly string[],
  options: Options,
): Promise<number | Problem> => {
  const views = chooseJobs(context, names, options, isGoingOn)
  if (isProblem(views)) return views
  const documents = views.map(documentOfJob)
  if (options.json === true) await printJson(context, documents.length === 1 ? documents[0] : documents)
  else await context.stdout.write(views.map((view) => formatCard(view, context.now())).join('\n'))
  return 0
}

const formatCard = (view: JobView, now: number): string => {
  const { id, spec, state, verdict, paths } = view
  const host = hostOf(view) ?? 'this machine'
  const lines: [string, string][] = [['job', id]]
  if (spec.ok) {
    const { name, labels, cwd, created, env, group, rerunOf } = spec.value
    if (name !== null) lines.push(['name', safeText(name)])
    lines.push(['command', commandOf(spec.value)], ['host', safeText(host)])
    if (cwd !== null) lines.push(['directory', safeText(cwd)])
    if (Object.keys(env).length > 0) lines.push(['environment', Object.keys(env).join(' ')])
    for (const [key, value] of Object.entries(labels)) lines.push(['label', `${safeText(key)}=${safeText(value)}`])
    const limits = wordsOfLimits(spec.value.limits)
    if (group !== null) lines.push(['group', wordsOfGroup(group)])
    lines.push(...cardOfRerun(rerunOf))
    if (limits !== '') lines.push(['limits', limits])
    lines.push(...cardOfLogFile(viewLogFile(spec.value, paths)))
    lines.push(['created', `${created.time} by ${safeText(created.user)}@${safeText(created.host)}`])
  } else lines.push(['unreadable', wordsOfReadFault(spec.fault)])
  lines.push(...cardOfRuns(view, now))
  if (state.ok) lines.push(...cardOfState(view, now, host))
  else lines.push(['unreadable', wordsOfReadFault(state.fault)])
  lines.push(...cardOfOnExit(view), ...cardOfCallback(view, now))
  if (verdict === 'orphaned' && findNewer(view) === undefined)
    lines.push(['chaperone', `gone; chap recover ${id} brings one back`])
  lines.push(['files', safeText(paths.dir)])
  const width = Math.max(...lines.map(([key]) => key.length))
  return lines.map(([key, value]) => `${key.padEnd(width)}  ${value}\n`).join('')
}

const cardOfRerun = (id: string | null): [string, string][] => (id === null ? [] : [['rerun of', safeText(id)]])

const cardOfLogFile = (view: LogFileView | null): [string, string][] => {
  if (view === null) return []
  const { file, fault } = view
  if (fault === null) return [['log file', safeText(file)]]
  return cardOfWords('log file', {
    message: `${safeText(file)} can't be written: ${safeText(fault)}`,
    hint: 'its lines come when it can be; when the job has ended, it is tried for a minute more',
  })
}

const wordsOfGroup = ({ id, index, size, maxParallel, failFast, retryOf }: GroupPlace): string =>
  [
    `${id}, ${index + 1} of ${size}`,
    ...(maxParallel === null ? [] : [`${maxParallel} at a time`]),
    ...(failFast ? ['the first failure ends all'] : []),
    ...(retryOf === null ? [] : [`what failed in ${retryOf}`]),
  ].join(', ')

const wordsOfLimits = ({ giveUpAfter, timeout, idleTimeout, maxOutput, onMaxOutput }: Limits): string =>
  [
    ...Object.entries({ 'to begin': giveUpAfter, 'to run': timeout, 'without output': idleTimeout }).flatMap(
      ([what, seconds]) => (seconds === null ? [] : [`${spellSeconds(seconds)} ${what}`]),
    ),
    ...(maxOutput === null ? [] : [`${formatSize(maxOutput)} of output${onMaxOutput === 'keep' ? ' kept' : ''}`]),
  ].join(', ')

const cardOfRuns = (view: JobView, now: number): [string, string][] => {
  const series = seriesOf(view.spec)
  return series === null ? [] : cardOfSeries(view.state.ok ? view.state.value.job : null, series, viewRuns(view), now)
}

const cardOfWords = (key: string, { message, hint }: Words): [string, string][] =>
  hint === null
    ? [[key, message]]
    : [
        [key, message],
        ['hint', hint],
      ]

const cardOfEnd = (job: Job, limits: Limits | null, host: string): [string, string][] => {
  const outcome = outcomeOf(job)
  if (outcome === null) return []
  const { message, hint } = wordsOfOutcome(outcome, host)
  const timer = wordsOfTimer(endedBy(job), limits)
  return cardOfWords('outcome', { message: timer === null ? message : `${message}: ${timer}`, hint })
}

const wordsOfAsker = ({ user, job }: Asker): string =>
  job === undefined ? safeText(user) : `the failure of ${safeText(job)} (--fail-fast)`

const cardOfState = (view: JobView, now: number, host: string): [string, string][] => {
  const { spec, state, verdict } = view
  if (!state.ok) return []
  const { job, chaperonePid } = state.value
  const lines: [string, string][] = [
    ['state', verdict === 'queued' ? 'waits for its turn' : stateOf(job, now, seriesOf(spec), viewLastRuns(view))],
  ]
  lines.push(...cardOfEnd(job, spec.ok ? spec.value.limits : null, host))
  if (job.startTime !== null) lines.push(['began', job.startTime])
  if (job.phase === 'ended' && job.endTime !== null) lines.push(['ended', job.endTime])
  if (job.sizes !== null)
    lines.push(['output', `${formatSize(job.sizes.stdout)} stdout, ${formatSize(job.sizes.stderr)} stderr`])
  for (const [stream, gap] of Object.entries(readGaps(view.paths))) lines.push(['gap', wordsOfGap(stream, gap)])
  if (job.ending?.record?.cpu)
    lines.push(['cpu', `${job.ending.record.cpu.user}s user, ${job.ending.record.cpu.system}s system`])
  if (job.begun?.pid != null && job.phase !== 'ended') lines.push(['pid', String(job.begun.pid)])
  if (chaperonePid !== null) lines.push(['chaperone pid', String(chaperonePid)])
  if (job.disk !== null) lines.push(...cardOfWords('disk', wordsOfFault(job.disk, host)))
  if (job.link.fault !== null) lines.push(['link', `${job.link.status}: ${wordsOfFault(job.link.fault, host).message}`])
  for (const { signal, by, asked, sent } of job.signals)
    lines.push([
      'signal',
      `${signal} asked by ${wordsOfAsker(by)} at ${asked}, ${sent === null ? 'not delivered' : `delivered at ${sent}`}`,
    ])
  return lines
}
