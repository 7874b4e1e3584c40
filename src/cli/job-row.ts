/** What a person wants to know of a job at a glance: the words that several commands show. */
import {
  type EndedBy,
  endedBy,
  formatDuration,
  isLimit,
  type Job,
  outcomeOf,
  type RunsSummary,
  type Series,
  type Spec,
} from '../index.ts'
import { safeText, showArgv } from './safe-text.ts'
import { stateOfSeries } from './series-words.ts'

export const stateOf = (
  job: Job | undefined,
  now: number,
  series: Series | null = null,
  runs: RunsSummary | null = null,
): string => {
  if (job === undefined) return 'unreadable'
  const own = series === null || runs === null ? undefined : stateOfSeries(job, series, runs, now)
  const phase = own ?? phaseOf(job, now)
  return job.disk === null ? phase : `${phase}, disk full`
}

const phaseOf = (job: Job, now: number): string => {
  const { phase, link } = job
  switch (phase) {
    case 'ended': {
      const limit = wordOfLimit(endedBy(job))
      if (limit !== null) return limit
      const kind = outcomeOf(job)?.kind ?? 'unknown'
      return kind === 'refused' || kind === 'unknown' ? kind : 'ended'
    }
    case 'launching':
      return link.fault === null ? 'launching' : `pending (attempt ${numberOfTry(job)})`
    case 'running':
      return job.intent.kind === 'stop' ? 'stopping' : 'running'
    case 'reconnecting': {
      const since = link.lostAt === null ? '' : `${formatDuration(now - Date.parse(link.lostAt))}, `
      return `reconnecting (${since}attempt ${numberOfTry(job)})`
    }
  }
}

/** The limit that ended a command, in a word or two; null: none did. */
export const wordOfLimit = (by: EndedBy | null): 'timed out' | 'over limit' | null => {
  if (!isLimit(by)) return null
  return by === 'max_output' ? 'over limit' : 'timed out'
}

/** Of the try to reach its machine that is under way, or comes next. */
export const numberOfTry = ({ link: { attempts, lostAt } }: Job): number =>
  // The loss of a link that stood counts as a failure.
  Math.max(1, lostAt === null ? attempts + 1 : attempts)

export const commandOf = ({ program }: Pick<Spec, 'program'>): string =>
  safeText(program.command ?? showArgv(program.argv))

const SCALE = ['', 'K', 'M', 'G', 'T', 'P'] as const

export const formatSize = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(SCALE.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)))
  const number = bytes / 1024 ** power
  return `${power === 0 || number >= 10 ? Math.floor(number) : number.toFixed(1)}${SCALE[power] ?? ''}`
}
