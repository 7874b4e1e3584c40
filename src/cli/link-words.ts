/** What a follower says of a link that is lost, tried again, and restored. */
import { type Job, nextTryOf, type State } from '../index.ts'
import { numberOfTry } from './job-row.ts'
import type { JobTerminal } from './job-terminal.ts'
import { sayDuration } from './ls/human-times.ts'
import { safeText } from './safe-text.ts'
import { say } from './say.ts'
import { wordsOfFault } from './words.ts'

const TICK_MS = 1_000
/** Milliseconds without a link after which a log that nobody writes over says so again; each time twice as many. */
const STILL_MS = 60_000
/** And after which it says what else is wrong now: a host that goes down has two or three reasons at once. */
const SETTLED_MS = 10_000
const MOST_MS = 3_600_000

export interface LinkTeller {
  readonly onState: (state: State) => void
  readonly stop: () => void
}

/** An outage, as far as it was told. */
interface Outage {
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Before the command had begun. */
  readonly isPending: boolean
  readonly told: Set<string>
  still: number
}

/** @param isAlone no other job is followed here: on a terminal the last line says how it stands, second by second */
export const openLinkTeller = (
  { words, showStatus }: JobTerminal,
  id: string,
  host: string | null,
  isAlone: boolean,
): LinkTeller => {
  const isLive = isAlone && words.stderr.isTerminal
  const at = safeText(host ?? 'this machine')
  let outage: Outage | undefined
  let job: Job | undefined
  let timer: NodeJS.Timeout | undefined

  const lastedOf = ({ since }: Outage): string => sayDuration(words.now() - since)
  const show = (): void => {
    if (outage === undefined || job?.link.fault == null) return
    const how = outage.isPending ? `${at} is not reached yet` : `no link to ${at} for ${lastedOf(outage)}`
    const { message } = wordsOfFault(job.link.fault, host ?? 'this machine')
    showStatus(`chap: ${how}; ${wordsOfTry(job, words.now())}; ${message}`)
  }
  const begin = (now: Job): void => {
    const { fault, lostAt } = now.link
    if (fault === null) return
    const isPending = now.phase === 'launching'
    const since = isPending || lostAt === null ? words.now() : Date.parse(lostAt)
    outage = { since, isPending, told: new Set([fault.code]), still: STILL_MS }
    const { message, hint } = wordsOfFault(fault, host ?? 'this machine')
    const what = isPending ? `${id} is pending: ${message}` : `${id}: link to ${at} lost: ${message}`
    // Where a line below tells how it goes on, this one need not.
    void say(words, isLive ? what : `${what}; ${wordsOfTry(now, words.now())}`, isPending ? hint : null)
    if (isLive) timer = setInterval(show, TICK_MS)
  }
  const goOn = (now: Job, told: Outage): void => {
    const { fault } = now.link
    const lasted = words.now() - told.since
    if (isLive || fault === null || lasted < (told.told.has(fault.code) ? told.still : SETTLED_MS)) return
    told.told.add(fault.code)
    if (lasted >= told.still) told.still = lasted + Math.min(lasted, MOST_MS)
    const { message } = wordsOfFault(fault, host ?? 'this machine')
    void say(
      words,
      `${id}: still no link to ${at} after ${sayDuration(lasted)}: ${message}; ${wordsOfTry(now, words.now())}`,
    )
  }
  const end = (told: Outage): void => {
    stop()
    outage = undefined
    void say(words, `${id}: ${told.isPending ? `${at} is reached` : `link to ${at} restored after ${lastedOf(told)}`}`)
  }
  const stop = (): void => {
    clearInterval(timer)
    showStatus(null)
  }
  return {
    onState: (state) => {
      job = state.job
      const { phase, link } = job
      if (phase === 'ended') return stop()
      if (link.status === 'up') return outage === undefined ? undefined : end(outage)
      // That the disk is full is said elsewhere.
      if (link.fault === null || link.fault.code === 'disk_full') return
      if (outage === undefined) begin(job)
      else goOn(job, outage)
      if (isLive) show()
    },
    stop,
  }
}

/** `attempt 3, next try in 8 s`. */
const wordsOfTry = (job: Job, now: number): string => {
  const attempt = `attempt ${numberOfTry(job)}`
  const next = nextTryOf(job, now)
  if (next === null) return `${attempt}, trying now`
  return `${attempt}, next try in ${Math.max(1, Math.ceil((next - now) / 1000))} s`
}
