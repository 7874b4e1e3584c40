/** What a person wants to know of a job at a glance. */
import {
  endedBy,
  formatDuration,
  type Job,
  type JobView,
  outcomeOf,
  type RunsSummary,
  type Series,
  type Spec,
} from '../index.ts'
import { safeText, showArgv } from './safe-text.ts'
import { stateOfSeries } from './series-words.ts'

export const COLUMNS = ['ID', 'NAME', 'HOST', 'STATE', 'EXIT', 'AGE', 'TIME', 'SIZE', 'COMMAND', 'GROUP'] as const

/**
 * @param bytes in both streams now
 * @param runs the newest of a series
 */
export const rowOfJob = (
  { id, spec, state, verdict }: JobView,
  bytes: number,
  now: number,
  runs: RunsSummary | null,
): readonly string[] => {
  const asked = spec.ok ? spec.value : undefined
  const job = state.ok ? state.value.job : undefined
  const isNewer = !state.ok && state.fault.code === 'newer'
  const created = asked === undefined ? undefined : Date.parse(asked.created.time)
  return [
    id,
    safeText(asked?.name ?? ''),
    safeText(asked?.host ?? ''),
    (verdict === 'orphaned' && !isNewer) || verdict === 'queued' ? verdict : stateOf(job, now, asked?.series, runs),
    job === undefined ? '' : exitOf(job),
    created === undefined ? '' : formatDuration(now - created),
    job === undefined ? '' : timeOf(job, now),
    formatSize(bytes),
    asked === undefined ? '' : commandOf(asked),
    asked?.group?.id ?? '',
  ]
}

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
      const by = endedBy(job)
      if (by === 'timeout' || by === 'idle') return 'timed out'
      const kind = outcomeOf(job)?.kind ?? 'unknown'
      return kind === 'refused' || kind === 'unknown' ? kind : 'ended'
    }
    case 'launching':
      return link.fault === null ? 'launching' : `pending (attempt ${link.attempts})`
    case 'running':
      return job.intent.kind === 'stop' ? 'stopping' : 'running'
    case 'reconnecting': {
      const since = link.lostAt === null ? '' : `${formatDuration(now - Date.parse(link.lostAt))}, `
      return `reconnecting (${since}attempt ${link.attempts + 1})`
    }
  }
}

const exitOf = (job: Job): string => {
  const outcome = outcomeOf(job)
  if (outcome?.kind === 'exited') return String(outcome.code)
  return outcome?.kind === 'signaled' ? outcome.signal : ''
}

const timeOf = ({ startTime, endTime, phase }: Job, now: number): string => {
  if (startTime === null) return ''
  const end = phase === 'ended' && endTime !== null ? Date.parse(endTime) : now
  return formatDuration(end - Date.parse(startTime))
}

export const commandOf = ({ program }: Pick<Spec, 'program'>): string =>
  safeText(program.command ?? showArgv(program.argv))

const SCALE = ['', 'K', 'M', 'G', 'T', 'P'] as const

export const formatSize = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(SCALE.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)))
  const number = bytes / 1024 ** power
  return `${power === 0 || number >= 10 ? Math.floor(number) : number.toFixed(1)}${SCALE[power] ?? ''}`
}
