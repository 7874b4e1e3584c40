/** The words for a series and its runs. */
import {
  formatDuration,
  isGoing,
  type Job,
  type NotedRun,
  nextDue,
  type RunsSummary,
  type Series,
  spellSeconds,
} from '../index.ts'
import { safeText } from './safe-text.ts'

/** What a series does just now; undefined: its link, or its end, says more. */
export const stateOfSeries = (job: Job, series: Series, runs: RunsSummary, now: number): string | undefined => {
  if (job.phase !== 'running' || job.intent.kind === 'stop') return undefined
  if (isGoing(runs)) return `running (run ${runs.last?.run})`
  const next = wordsOfNext(series, runs, now)
  return next === undefined ? 'waiting' : `waiting (next ${next})`
}

const wordsOfNext = (series: Series, runs: RunsSummary, now: number): string | undefined => {
  const due = nextDue(runs, series)
  return due === null ? undefined : `in ${formatDuration(due * 1000 - now)}`
}

const spell = (ms: number): string => spellSeconds(ms / 1000)

const wordsOfSeries = ({ every, count, initialDelay, jitter, overrun }: Series): string =>
  [
    `every ${spell(every)}`,
    count === null ? 'until it is killed' : `${count} times`,
    ...(initialDelay === 0 ? [] : [`after ${spell(initialDelay)}`]),
    ...(jitter === 0 ? [] : [`up to ${spell(jitter)} later`]),
    ...(overrun === 'now' ? ['overdue ones at once'] : []),
  ].join(', ')

const wordsOfRun = ({ run, end, lost }: NotedRun): string => {
  if (end === null) return lost === null ? `${run} goes on` : `${run}, whose end is not known (${safeText(lost)})`
  const how = end.why === 'exit' ? '' : ` (${safeText(end.why)})`
  return `${run} ended with ${end.status}${how} at ${new Date(end.time * 1000).toISOString()}`
}

/** Lines of a card about it. */
export const cardOfSeries = (
  job: Job | null,
  series: Series,
  runs: RunsSummary | null,
  now: number,
): [string, string][] => {
  const lines: [string, string][] = [['series', wordsOfSeries(series)]]
  if (runs === null) return lines
  const { failed, missed, lost, last } = runs
  const counts = Object.entries({ failed, missed, lost }).filter(([, count]) => count > 0)
  lines.push(['runs', [String(runs.runs), ...counts.map(([what, count]) => `${count} ${what}`)].join(', ')])
  if (last !== null) lines.push(['last run', wordsOfRun(last)])
  const next = wordsOfNext(series, runs, now)
  if (next !== undefined && job !== null && job.phase !== 'ended' && !isGoing(runs)) lines.push(['next run', next])
  return lines
}
