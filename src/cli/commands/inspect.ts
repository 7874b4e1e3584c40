/** chap inspect: all that is known of a job. */
import type { Command } from 'commander'
import { spellSeconds } from '../../domain/duration.ts'
import { endedBy, type Job, outcomeOf } from '../../domain/job.ts'
import type { Limits } from '../../domain/spec.ts'
import { chooseOne, hostOf } from '../../library/choose-job.ts'
import { documentOfJob } from '../../library/job-document.ts'
import { findNewer, type JobView } from '../../watcher/job-view.ts'
import { seriesOf, viewLastRuns, viewRuns } from '../../watcher/series.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { commandOf, formatSize, stateOf } from '../job-row.ts'
import { wordsOfOutcome, wordsOfTimer } from '../outcome-words.ts'
import { isProblem, type Problem } from '../problem.ts'
import { wordsOfReadFault } from '../problem-words.ts'
import { safeText } from '../safe-text.ts'
import { printJson } from '../say.ts'
import { cardOfSeries } from '../series-words.ts'
import { type Words, wordsOfFault } from '../words.ts'

const HELP = `
Values of the job's environment are never shown.

Examples:
  chap inspect k3f9
  chap inspect last --json | jq .outcome`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('<job>', 'an id, the beginning of one, a name, or last')
    .option('--json', 'for programs: everything')
    .addHelpText('after', HELP)
    .action((name: string, options: CommonOptions) =>
      perform(invocation, options, () => inspect(invocation, name, options)),
    )
}

const inspect = async ({ context }: Invocation, name: string, options: CommonOptions): Promise<number | Problem> => {
  const view = chooseOne(context, name)
  if (isProblem(view)) return view
  if (options.json === true) await printJson(context, documentOfJob(view))
  else await context.stdout.write(formatCard(view, context.now()))
  return 0
}

const formatCard = (view: JobView, now: number): string => {
  const { id, spec, state, verdict, paths } = view
  const host = hostOf(view) ?? 'this machine'
  const lines: [string, string][] = [['job', id]]
  if (spec.ok) {
    const { name, labels, cwd, created, env } = spec.value
    if (name !== null) lines.push(['name', safeText(name)])
    lines.push(['command', commandOf(spec.value)], ['host', safeText(host)])
    if (cwd !== null) lines.push(['directory', safeText(cwd)])
    if (Object.keys(env).length > 0) lines.push(['environment', Object.keys(env).join(' ')])
    for (const [key, value] of Object.entries(labels)) lines.push(['label', `${safeText(key)}=${safeText(value)}`])
    const limits = wordsOfLimits(spec.value.limits)
    if (limits !== '') lines.push(['limits', limits])
    lines.push(['created', `${created.time} by ${safeText(created.user)}@${safeText(created.host)}`])
  } else lines.push(['unreadable', wordsOfReadFault(spec.fault)])
  lines.push(...cardOfRuns(view, now))
  if (state.ok) lines.push(...cardOfState(view, now, host))
  else lines.push(['unreadable', wordsOfReadFault(state.fault)])
  if (verdict === 'orphaned' && findNewer(view) === undefined)
    lines.push(['chaperone', `gone; chap recover ${id} brings one back`])
  lines.push(['files', safeText(paths.dir)])
  const width = Math.max(...lines.map(([key]) => key.length))
  return lines.map(([key, value]) => `${key.padEnd(width)}  ${value}\n`).join('')
}

const wordsOfLimits = ({ giveUpAfter, timeout, idleTimeout }: Limits): string =>
  Object.entries({ 'to begin': giveUpAfter, 'to run': timeout, 'without output': idleTimeout })
    .flatMap(([what, seconds]) => (seconds === null ? [] : [`${spellSeconds(seconds)} ${what}`]))
    .join(', ')

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

const cardOfState = (view: JobView, now: number, host: string): [string, string][] => {
  const { spec, state } = view
  if (!state.ok) return []
  const { job, chaperonePid } = state.value
  const lines: [string, string][] = [['state', stateOf(job, now, seriesOf(spec), viewLastRuns(view))]]
  lines.push(...cardOfEnd(job, spec.ok ? spec.value.limits : null, host))
  if (job.startTime !== null) lines.push(['began', job.startTime])
  if (job.phase === 'ended' && job.endTime !== null) lines.push(['ended', job.endTime])
  if (job.sizes !== null)
    lines.push(['output', `${formatSize(job.sizes.stdout)} stdout, ${formatSize(job.sizes.stderr)} stderr`])
  if (job.ending?.record?.cpu)
    lines.push(['cpu', `${job.ending.record.cpu.user}s user, ${job.ending.record.cpu.system}s system`])
  if (job.begun?.pid != null && job.phase !== 'ended') lines.push(['pid', String(job.begun.pid)])
  if (chaperonePid !== null) lines.push(['chaperone pid', String(chaperonePid)])
  if (job.disk !== null) lines.push(...cardOfWords('disk', wordsOfFault(job.disk, host)))
  if (job.link.fault !== null) lines.push(['link', `${job.link.status}: ${wordsOfFault(job.link.fault, host).message}`])
  for (const { signal, by, asked, sent } of job.signals)
    lines.push([
      'signal',
      `${signal} asked by ${safeText(by.user)} at ${asked}, ${sent === null ? 'not delivered' : `delivered at ${sent}`}`,
    ])
  return lines
}
