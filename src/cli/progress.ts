/** How far many jobs are, in one line of a terminal's stderr that is written over and is gone at the end. In a pipe there is none. */
import { exitStatusOfJob, formatDuration, type Job, type JobPaths, openState } from '../index.ts'
import type { Context, Output } from './context.ts'
import { fitText } from './safe-text.ts'

/** Milliseconds between looks. */
const PAUSE_MS = 500
const ERASE = '\r\u001b[K'

export interface Progress {
  /** The same world; what is written there takes the line away first, and it comes back at the next look. */
  readonly context: Context
  readonly stop: () => Promise<void>
}

/** @param maxParallel how many run at once; null: all */
export const startProgress = (
  context: Context,
  jobs: readonly JobPaths[],
  maxParallel: number | null = null,
): Progress => {
  if (!context.stderr.isTerminal || jobs.length < 2) return { context, stop: async () => undefined }
  const states = jobs.map(({ state }) => openState(state))
  let isShown = false
  const erase = async (): Promise<void> => {
    if (!isShown) return
    isShown = false
    await context.stderr.write(ERASE)
  }
  const look = (): void => {
    const seen = states.flatMap((state) => {
      const { read } = state()
      return read.ok ? [read.value.job] : []
    })
    isShown = true
    void context.stderr.write(
      `${ERASE}${fitText(describe(seen, context.now(), maxParallel), context.stderr.columns - 1)}`,
    )
  }
  const timer = setInterval(look, PAUSE_MS)
  const wrap = (output: Output): Output => ({
    get isTerminal() {
      return output.isTerminal
    },
    get columns() {
      return output.columns
    },
    write: async (chunk) => {
      if (output.isTerminal) await erase()
      return output.write(chunk)
    },
  })
  return {
    context: { ...context, stdout: wrap(context.stdout), stderr: wrap(context.stderr) },
    stop: async () => {
      clearInterval(timer)
      await erase()
    },
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
