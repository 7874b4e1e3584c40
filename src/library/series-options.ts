/** The options of a series: a command that is run again and again. */
import type { Series } from '../domain/spec.ts'
import { type Problem, usage } from './problem.ts'

const SHORTEST_MS = 100
/** As of a job's limits: ten years. */
const LONGEST_MS = 3_650 * 86_400_000
/** Milliseconds that the remote's clock can tell apart. */
const TICK_MS = 10

/** Durations are milliseconds, in whole hundredths of a second. */
export interface SeriesOptions {
  /** Run it again and again, in such a period, measured between the times at which it is due. */
  readonly every?: number
  /** So many times; without it, until it is killed. */
  readonly count?: number
  /** Until it is killed: what is so without `count`, said. */
  readonly forever?: boolean
  /** Before the first time. */
  readonly initialDelay?: number
  /** Each time is put off by a random time below this. */
  readonly jitter?: number
  /** When it is due and still runs: that time is skipped (`skip`, the default), or it is run right after (`now`). */
  readonly overrun?: 'skip' | 'now'
}

/** null: it is run once. */
export const readSeries = (
  options: SeriesOptions & { readonly plain?: boolean; readonly onDisconnect: 'keep' | 'kill' },
): Series | null | Problem => {
  const { every, count, forever, initialDelay = 0, jitter = 0, overrun = 'skip' } = options
  if (every === undefined) {
    const stray = findStray(options)
    return stray === undefined ? null : usage(`${stray} is about a series`, '--every 10s makes one')
  }
  if (count !== undefined && forever === true) return usage('--count and --forever are two ends of one series')
  if (count === 0) return usage('--count is one at least')
  if (options.plain === true)
    return usage('a series needs the launcher, which --plain does without', 'leave out --plain')
  if (options.onDisconnect === 'kill')
    return usage(
      'a series goes on without its connection, and --on-disconnect kill is to end it with that',
      '--lease 1m ends it when nobody was in contact for a minute',
    )
  return checkTimes(every, initialDelay, jitter) ?? { every, count: count ?? null, initialDelay, jitter, overrun }
}

/** An option that says something of a series where there is none. */
const findStray = ({ count, forever, initialDelay, jitter, overrun }: SeriesOptions): string | undefined => {
  const said = { count, forever, 'initial-delay': initialDelay, jitter, overrun }
  const stray = Object.entries(said).find(([, value]) => value !== undefined)
  return stray === undefined ? undefined : `--${stray[0]}`
}

const checkTimes = (every: number, initialDelay: number, jitter: number): Problem | undefined => {
  if (every < SHORTEST_MS) return usage('--every is a tenth of a second at least')
  for (const [name, ms] of Object.entries({ every, 'initial-delay': initialDelay, jitter })) {
    if (ms > LONGEST_MS) return usage(`--${name} is ten years at the most`)
    if (ms % TICK_MS !== 0) return usage(`--${name} is in hundredths of a second`)
  }
  return jitter > every ? usage('--jitter is no longer than --every') : undefined
}
