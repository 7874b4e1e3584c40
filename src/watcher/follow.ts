/** Follows a job: copies both streams, each byte once and in order, and ends exactly when the job has ended and all of it is copied. */
import { existsSync } from 'node:fs'
import type { Job } from '../domain/job.ts'
import type { Sizes } from '../domain/report.ts'
import { ringDoorbell } from '../spool/doorbell.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { State } from '../spool/state.ts'
import type { Stream } from '../spool/timeline.ts'
import { copyStreams, type OnRun, openStreams, type Sinks, type Streams } from './copy-streams.ts'
import { keepAttended, type Recovery } from './keep-attended.ts'
import { openState } from './state-reader.ts'
import { findTrouble, type Trouble } from './trouble.ts'
import { type Watch, watchDirectory } from './watch-directory.ts'

/** Milliseconds after the end in which the files may still be short (a network file system shows them late). */
const SHORT_MS = 2_000

/** Milliseconds between knocks: less than the heartbeat of the watch, so that each beat is one. */
const KNOCK_MS = 500

export interface FollowOptions extends Recovery {
  /** Where each stream goes; null: nowhere. */
  readonly sinks: Sinks
  /** Offsets to begin at. */
  readonly from: Sizes
  /** Stops following. The job is untouched. */
  readonly signal?: AbortSignal
  /** Called with each new state, before the output that came after the one before. */
  readonly onState?: (state: State) => void
  readonly onRun?: OnRun
}

export type Followed =
  | { readonly kind: 'ended'; readonly state: State }
  | { readonly kind: 'detached' }
  /** Nobody reads the output any more. */
  | { readonly kind: 'unread' }
  /** The job ended, but the file is shorter than what its record says was written. */
  | { readonly kind: 'short'; readonly state: State; readonly stream: Stream; readonly missing: number }
  | Trouble

/** @throws ErrnoException when a file of the job can't be read */
export const followJob = async (paths: JobPaths, options: FollowOptions): Promise<Followed> => {
  const { signal } = options
  // Armed before the first look.
  const watch = watchDirectory(paths.dir)
  let streams: Streams | undefined
  try {
    if (!existsSync(paths.dir)) return { kind: 'gone' }
    streams = openStreams(paths, options.sinks, options.from, options.onRun)
    const detached = new Promise<Followed>((resolve) => {
      if (signal?.aborted) resolve({ kind: 'detached' })
      signal?.addEventListener('abort', () => resolve({ kind: 'detached' }), { once: true })
    })
    // A write that a stalled reader holds up must not hold up a Ctrl-C.
    return await Promise.race([copyUntilEnd(paths, streams, watch, options), detached])
  } finally {
    watch.close()
    streams?.close()
  }
}

const copyUntilEnd = async (
  paths: JobPaths,
  streams: Streams,
  watch: Watch,
  options: FollowOptions,
): Promise<Followed> => {
  const state = openState(paths.state)
  const { signal, onState } = options
  const attendance = keepAttended(paths, options)
  const patience = startPatience()
  const knock = startKnocking(paths)
  // Once it is detached the files are closed.
  while (!signal?.aborted) {
    // The end record first, then the streams: what was written before the end is then seen.
    const { read, isNew } = state()
    const trouble = findTrouble(paths, read)
    if (trouble !== undefined) return trouble
    if (read.ok && isNew) onState?.(read.value)
    if (read.ok) knock(read.value)
    const end = read.ok && read.value.job.phase === 'ended' ? read.value : undefined
    const upTo = end?.job.sizes ?? streams.sizes()
    if (!(await copyStreams(streams, upTo))) return { kind: 'unread' }
    if (signal?.aborted) return { kind: 'detached' }
    const result = end === undefined ? await attendance() : concludeCopy(streams, upTo, end, patience)
    if (result !== undefined) return result
    await watch.changed()
  }
  return { kind: 'detached' }
}

/** Whoever waits at a terminal is not made to wait for a timer: while there is no link, the chaperone is asked to try again. */
const startKnocking = (paths: JobPaths): ((state: State) => void) => {
  let next = 0
  return ({ job }) => {
    const now = performance.now()
    if (job.link.status !== 'down' || now < next) return
    next = now + KNOCK_MS
    ringDoorbell(paths.doorbell)
  }
}

/** When the next try to reach the job's machine begins while somebody follows, in milliseconds since the epoch; null: one is under way, or none is needed. */
export const nextTryOf = ({ link }: Job, now: number): number | null =>
  link.status === 'down' && link.nextTry !== null ? Math.min(Date.parse(link.nextTry), now + KNOCK_MS) : null

/** All of it is copied, or what is missing does not come. */
const concludeCopy = (streams: Streams, upTo: Sizes, state: State, isOver: () => boolean): Followed | undefined => {
  const short = streams.findShort(upTo)
  if (short === undefined) return { kind: 'ended', state }
  return isOver() ? { kind: 'short', state, ...short } : undefined
}

/** Says at each call whether it has lasted too long since the first. */
const startPatience = (): (() => boolean) => {
  let since: number | undefined
  return () => {
    since ??= performance.now()
    return performance.now() - since > SHORT_MS
  }
}
