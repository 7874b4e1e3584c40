/** Follows a job on this terminal, and ends as the job does. */

import {
  type Attached,
  endedBy,
  exitStatusOfJob,
  type Followed,
  followJob,
  isSignal,
  type JobPaths,
  outcomeOf,
  problemOfTrouble,
  type Sinks,
  type Sizes,
  type State,
} from '../index.ts'
import { addBanners } from './banners.ts'
import type { Context } from './context.ts'
import { announceDisk, announceLink } from './follow-words.ts'
import { forwardInput } from './forward-input.ts'
import { showGaps } from './gap-words.ts'
import { wordsOfOutcome, wordsOfTimer } from './outcome-words.ts'
import type { Problem } from './problem.ts'
import { safeText } from './safe-text.ts'
import { say, sayWords } from './say.ts'
import { recoveryOf } from './secrets.ts'

const EXIT_DETACHED = 130
/** Nobody reads the output any more, and the job's own status is not known: as of a program that SIGPIPE ended. */
const EXIT_UNREAD = 141

export interface AttachOptions {
  readonly from: Sizes
  readonly sigProxy: boolean
  readonly isJson: boolean
  /** What is typed or piped here goes to its stdin. */
  readonly takesInput: boolean
  readonly sinks?: Sinks
  /** Say where the runs of a series begin, also where stderr is no terminal. */
  readonly hasBanners?: boolean
  /** What it exits with when nobody reads any more, or when it has detached, instead of 141 and 130. */
  readonly unreadStatus?: number
  readonly detachedStatus?: number
}

export const attachJob = async (context: Context, job: Attached, options: AttachOptions): Promise<number | Problem> => {
  const { id, paths, host } = job
  const interrupt = new AbortController()
  const stop = options.sigProxy ? forwardSignals(context, paths) : context.onSignal(['SIGINT'], () => interrupt.abort())
  if (options.takesInput) void forwardInput(context, id, paths, options.isJson)
  const [sayLink, sayDisk] = [announceLink(context, id, host), announceDisk(context, id)]
  const followed = await followJob(paths, {
    ...addBanners(
      context,
      options.sinks ?? {
        stdout: showGaps(context, context.stdout, 'stdout'),
        stderr: showGaps(context, context.stderr, 'stderr'),
      },
      options.hasBanners ?? false,
    ),
    from: options.from,
    signal: interrupt.signal,
    onState: (state) => {
      sayDisk(state)
      sayLink(state)
    },
    ...recoveryOf(context, id, host),
  })
  stop()
  return concludeFollow(context, job, followed, options)
}

const concludeFollow = async (
  context: Context,
  job: Attached,
  followed: Followed,
  { isJson, unreadStatus = EXIT_UNREAD, detachedStatus = EXIT_DETACHED }: AttachOptions,
): Promise<number | Problem> => {
  const { id, host } = job
  switch (followed.kind) {
    case 'ended':
      return concludeEnd(context, job, followed.state, isJson)
    case 'detached':
      if (isJson) await context.stderr.write(`${JSON.stringify({ id, detached: true })}\n`)
      else
        await say(context, `detached; ${id} goes on${host === null ? '' : ` at ${safeText(host)}`}; chap attach ${id}`)
      return detachedStatus
    case 'unread':
      return unreadStatus
    case 'short':
      return { code: 'short', id, stream: followed.stream, missing: followed.missing }
    default:
      return problemOfTrouble(id, followed)
  }
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

/** What the terminal sends goes to the job. */
const forwardSignals = (context: Context, paths: JobPaths): (() => void) =>
  context.onSignal(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'], (signal) => void forward(context, paths, signal))

const forward = async (context: Context, paths: JobPaths, signal: string): Promise<void> => {
  const { ask } = await import('../index.ts')
  if (isSignal(signal)) await ask(paths, { kind: 'signal', signal }, { by: context.self(), isImpatient: true })
}
