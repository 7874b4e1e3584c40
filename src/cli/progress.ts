/** How far many jobs are, in one line below their output. In a pipe there is none. */
import { exitStatusOfJob, formatDuration, type Job, type JobPaths, openState } from '../index.ts'
import type { JobTerminal } from './job-terminal.ts'

/** Milliseconds between looks. */
const PAUSE_MS = 500

/**
 * @param maxParallel how many run at once; null: all
 * @returns how to stop
 */
export const startProgress = (
  { words, showStatus }: JobTerminal,
  jobs: readonly JobPaths[],
  maxParallel: number | null = null,
): (() => void) => {
  if (!words.stderr.isTerminal || jobs.length < 2) return () => undefined
  const states = jobs.map(({ state }) => openState(state))
  const look = (): void => {
    const seen = states.flatMap((state) => {
      const { read } = state()
      return read.ok ? [read.value.job] : []
    })
    showStatus(describe(seen, words.now(), maxParallel))
  }
  const timer = setInterval(look, PAUSE_MS)
  return () => {
    clearInterval(timer)
    showStatus(null)
  }
}

/** `12/40 done, 20 running, 1 failed, about 3m left`. */
const describe = (jobs: readonly Job[], now: number, maxParallel: number | null): string => {
  const ended = jobs.filter(({ phase }) => phase === 'ended')
  const running = jobs.filter(({ phase, begun }) => phase !== 'ended' && begun !== null)
  const failed = ended.filter((job) => exitStatusOfJob(job) !== 0).length
  const left = estimate(ended, running, jobs.length - ended.length - running.length, now, maxParallel)
  return [
    `${ended.length}/${jobs.length} done, ${running.length} running`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(left === null ? [] : [`about ${formatDuration(left)} left`]),
  ].join(', ')
}

/** Milliseconds, from the mean of those that ended; null: nothing is known yet, or nothing is left. */
const estimate = (
  ended: readonly Job[],
  running: readonly Job[],
  waiting: number,
  now: number,
  maxParallel: number | null,
): number | null => {
  const times = ended.flatMap(({ startTime, endTime }) =>
    startTime === null || endTime === null ? [] : [Date.parse(endTime) - Date.parse(startTime)],
  )
  if (times.length === 0 || running.length + waiting === 0) return null
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  const longest = Math.max(
    0,
    ...running.map(({ startTime }) => (startTime === null ? mean : mean - (now - Date.parse(startTime)))),
  )
  return longest + (waiting * mean) / (maxParallel ?? Math.max(1, waiting))
}
