/** Follows a job on this terminal, and ends as the job does. */

import {
  type Attached,
  endedBy,
  exitStatusOfJob,
  type Followed,
  followJob,
  outcomeOf,
  problemOfTrouble,
  readSizesNow,
  readState,
  type Sizes,
  type State,
} from '../index.ts'
import { addBanners } from './banners.ts'
import type { Context } from './context.ts'
import { announceDisk } from './follow-words.ts'
import { forwardInput } from './forward-input.ts'
import { forwardSignals } from './forward-signals.ts'
import { showGaps } from './gap-words.ts'
import { EXIT_INTERRUPTED, onInterrupt } from './interrupt.ts'
import { DEADLY, openJobTerminal } from './job-terminal.ts'
import { openLinkTeller } from './link-words.ts'
import type { LogSinks } from './log-sinks.ts'
import { wordsOfOutcome, wordsOfTimer } from './outcome-words.ts'
import type { Problem } from './problem.ts'
import { safeText } from './safe-text.ts'
import { say, sayWords } from './say.ts'
import { recoveryOf } from './secrets.ts'
import { wordsOfFault } from './words.ts'

/** Nobody reads the output any more, and the job's own status is not known: as of a program that SIGPIPE ended. */
const EXIT_UNREAD = 141

export interface AttachOptions {
  readonly from: Sizes
  /** Ctrl-C, which detaches, or goes to the job where signals do. */
  readonly interrupt: AbortSignal
  readonly sigProxy: boolean
  readonly isJson: boolean
  /** What is typed or piped here goes to its stdin. */
  readonly takesInput: boolean
  /** How its streams are shown, where not as they are. */
  readonly open?: (context: Context) => LogSinks
  /** Say where the runs of a series begin, also where stderr is no terminal. */
  readonly hasBanners?: boolean
  /** What it exits with when nobody reads any more, or when it has detached, instead of 141 and 130. */
  readonly unreadStatus?: number
  readonly detachedStatus?: number
}

export const attachJob = async (context: Context, job: Attached, options: AttachOptions): Promise<number | Problem> => {
  const { id, paths, host } = job
  const terminal = openJobTerminal(context, options.sigProxy ? [] : DEADLY)
  const { bytes, words } = terminal
  const detach = new AbortController()
  if (options.sigProxy) forwardSignals(words, job, options.interrupt)
  else
    onInterrupt(options.interrupt, () => {
      terminal.noteInterrupt()
      detach.abort()
    })
  const { sinks, end } = options.open?.(bytes) ?? openPlain(bytes)
  if (options.takesInput) void forwardInput(words, id, paths, options.isJson)
  const [link, sayDisk] = [openLinkTeller(terminal, id, host, true), announceDisk(words, id)]
  let followed: Followed
  try {
    followed = await followJob(paths, {
      ...addBanners(bytes, sinks, options.hasBanners ?? false),
      from: options.from,
      signal: detach.signal,
      onState: (state) => {
        sayDisk(state)
        link.onState(state)
      },
      ...recoveryOf(words, id, host),
    })
    if (followed.kind !== 'detached' && followed.kind !== 'unread') await end()
  } finally {
    link.stop()
    await terminal.restore()
  }
  return concludeFollow(words, job, followed, options)
}

/** Bytes as they are; only of those that were not kept something is said. */
const openPlain = (context: Context): LogSinks => ({
  sinks: {
    stdout: showGaps(context, context.stdout, 'stdout'),
    stderr: showGaps(context, context.stderr, 'stderr'),
  },
  end: async () => true,
})

const concludeFollow = async (
  context: Context,
  job: Attached,
  followed: Followed,
  { isJson, unreadStatus = EXIT_UNREAD, detachedStatus = EXIT_INTERRUPTED }: AttachOptions,
): Promise<number | Problem> => {
  const { id } = job
  switch (followed.kind) {
    case 'ended':
      return concludeEnd(context, job, followed.state, isJson)
    case 'detached':
      if (isJson) await context.stderr.write(`${JSON.stringify({ id, detached: true })}\n`)
      else await sayDetached(context, job)
      return detachedStatus
    case 'unread':
      return unreadStatus
    case 'short':
      return { code: 'short', id, stream: followed.stream, missing: followed.missing }
    default:
      return problemOfTrouble(id, followed)
  }
}

/** How it goes on: it need not have begun. */
const sayDetached = async (context: Context, { id, host, paths }: Attached): Promise<void> => {
  const read = readState(paths.state)
  const job = read.ok ? read.value.job : undefined
  const at = host === null ? '' : ` at ${safeText(host)}`
  const back = `chap attach ${id}`
  if (job?.phase === 'ended') return say(context, `detached; ${id} has ended; ${back}`)
  const { stdout, stderr } = readSizesNow(paths)
  // Its first bytes may be here before it is noted that it began.
  if (job?.phase !== 'launching' || stdout + stderr > 0) return say(context, `detached; ${id} goes on${at}; ${back}`)
  const { fault } = job.link
  if (fault === null)
    return say(context, `detached; ${id} is on its way${host === null ? '' : ` to ${safeText(host)}`}; ${back}`)
  const { message } = wordsOfFault(fault, host ?? 'this machine')
  await say(context, `detached; ${id} is pending: ${message}; still trying; ${back}`, `chap kill ${id} gives it up`)
}

/** Says why when there is no status, or when a timer ended it; @returns the exit status */
export const concludeEnd = async (
  context: Context,
  { id, host, limits }: Omit<Attached, 'paths'>,
  { job }: State,
  isJson: boolean,
): Promise<number> => {
  const [outcome, status, by] = [outcomeOf(job), exitStatusOfJob(job), endedBy(job)]
  if (outcome === null || status === null) throw new Error(`${id}: an ended job without an outcome`)
  const timer = wordsOfTimer(by, limits)
  const words = wordsOfOutcome(outcome, host ?? 'this machine')
  if (isJson) await context.stderr.write(`${JSON.stringify({ id, outcome, ended_by: by, exit_status: status })}\n`)
  else if (timer !== null) await say(context, `${id} ${timer}: ${words.message}`)
  else if (outcome.kind === 'refused' || outcome.kind === 'unknown') await sayWords(context, `${id} `, words)
  return status
}
