/** Follows a job from a program: its lines or bytes as async iterators, and how it ends. */
import { statSync } from 'node:fs'
import type { Sizes } from '../domain/report.ts'
import type { AskSecret } from '../domain/secret.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { RunNote } from '../spool/runs.ts'
import type { State } from '../spool/state.ts'
import type { Stream } from '../spool/timeline.ts'
import { copyPresent, type Sinks } from '../watcher/copy-streams.ts'
import { type Followed, followJob } from '../watcher/follow.ts'
import { findLastLines } from '../watcher/last-lines.ts'
import type { Recovered } from '../watcher/recover.ts'
import { findRun } from '../watcher/run-range.ts'
import type { Sink } from '../watcher/source.ts'
import { findRange } from '../watcher/time-range.ts'
import { type Attached, type JobLike, lookUp } from './choose-job.ts'
import { handOver, type Put } from './hand-over.ts'
import { type Line, type OnGap, type Reading, readLines } from './lines.ts'
import { attempt, isProblem, type Problem, problemOfTrouble } from './problem.ts'
import { gatherRuns, type RunEnd } from './runs.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'
import { type Ended, wait } from './wait.ts'
import { withoutUnset } from './without-unset.ts'

/**
 * Where to begin: at the first byte (the default), at what comes from now on, at so many last lines of each stream, at the first line that began
 * to come at that time (milliseconds since the epoch, by the timeline, to 50 ms), or at these offsets.
 */
export type From = 'start' | 'now' | { readonly last: number } | { readonly since: number } | Sizes

export interface AttachOptions extends InSpool {
  readonly from?: From
  /** Take only what there is now, instead of going on until the job has ended. */
  readonly follow?: boolean
  /** Of a series only what this run wrote, as far as it is here, instead of `from` and `follow`. */
  readonly run?: number
  /** Detaches: the iterators end, `outcome` is `detached`, and the job goes on. */
  readonly signal?: AbortSignal
  /** Called where bytes of a stream are not kept (`maxOutput`), between the values before them and behind. */
  readonly onGap?: OnGap
  /** Called with each new state while an iterator is read, before the output that came later. */
  readonly onState?: (state: State) => void
  /** Called when the job's chaperone was gone and a new one was, or could not be, brought up. */
  readonly onRecovered?: (recovered: Recovered) => void
  /** Answers for a new chaperone of a job with a typed password. */
  readonly askSecret?: AskSecret
}

/**
 * Each iterator reads by itself, from where `from` says. It opens its files with its first value and closes them when its loop is left, in
 * any way. It reads on when the next value is asked for: a slow reader costs 512 KiB and never slows the job. It ends when the job has
 * ended and all of its output was given, or when that can't be had: `outcome`, asked afterwards, says which.
 */
export interface Attachment {
  readonly id: string
  /** Lines of both streams in the order in which they came, or of one stream. */
  readonly lines: (stream?: Stream) => AsyncGenerator<Line, void, undefined>
  /** A stream's bytes as they came, in pieces of up to 128 KiB, which are the caller's own. */
  readonly bytes: (stream: Stream) => AsyncGenerator<Uint8Array, void, undefined>
  /**
   * The runs of a series, all from the first, each when it has ended and what it wrote is here: `attach(job, { run })` reads it. What was
   * missed or lost is among them.
   */
  readonly runs: () => AsyncGenerator<RunEnd, void, undefined>
  /** How the job ended. It waits for that by itself, whether or not an iterator is read, from when it is first asked for. */
  readonly outcome: Promise<Ended | Problem>
}

/**
 * Attaches to a job that runs or has ended; the first bytes are as good as the last.
 * @param job what `start`, `list` or `find` gave; or an id, the beginning of one, a name, or `last`
 * @returns no_such_job, ambiguous, spool, gone, no_such_run: there is nothing to attach to
 */
export const attach = (job: JobLike, options: AttachOptions = {}): Promise<Attachment | Problem> =>
  attempt<Attachment | Problem>(() => {
    const view = lookUp(surroundingsOf(options), job)
    if (isProblem(view)) return view
    const { run } = options
    const isRun = run === undefined || findRun(view.paths, run) !== undefined
    return isRun ? attachTo(view, options) : { code: 'no_such_run', id: view.id, run }
  })

const attachTo = ({ id, paths }: Pick<Attached, 'id' | 'paths'>, options: AttachOptions): Attachment => {
  let trouble: Problem | undefined
  let outcome: Promise<Ended | Problem> | undefined
  const read = <T>(
    open: (put: Put<T>, from: Sizes) => Reading,
    chosen: AttachOptions = options,
  ): AsyncGenerator<T, void, undefined> =>
    handOver(async (put: Put<T>, signal) => {
      const result = await attempt(() => readStreams(paths, open, put, signal, chosen))
      const problem = isProblem(result) ? result : problemOfReading(id, result)
      trouble = problem ?? trouble
    }, options.signal)
  const conclude = async (): Promise<Ended | Problem> => {
    const [ended = null] = trouble === undefined ? await wait([{ id, paths }], options) : [trouble]
    return trouble ?? ended ?? { code: 'detached', id }
  }
  return {
    id,
    lines: (stream) =>
      lineByLine(read<readonly Line[]>((put, from) => readLines(paths, from, stream, put, options.onGap))),
    bytes: (stream) => read<Uint8Array>((put) => readBytes(stream, put, options.onGap)),
    runs: () => {
      const { from: _, run: _run, ...all } = options
      return read(readRuns, all)
    },
    get outcome() {
      outcome ??= conclude()
      return outcome
    },
  }
}

async function* lineByLine(batches: AsyncGenerator<readonly Line[], void, undefined>) {
  for await (const lines of batches) yield* lines
}

const readBytes = (stream: Stream, put: Put<Uint8Array>, onGap?: OnGap): Reading => {
  // A copy: the piece will be read into again.
  const sink: Sink = {
    write: (piece) => put(new Uint8Array(piece)),
    skip: async (gap) => {
      onGap?.({ stream, ...gap })
      return true
    },
  }
  return { sinks: { stdout: null, stderr: null, [stream]: sink }, end: async () => undefined }
}

/** Notes are told when what was written before them is here; the bytes themselves go nowhere. */
const readRuns = (put: Put<RunEnd>): Reading => {
  const { take } = gatherRuns()
  const onRun = async (note: RunNote): Promise<void> => {
    for (const end of take(note)) await put(end)
  }
  return { sinks: NOWHERE, onRun, end: async () => undefined }
}

const NOWHERE: Sinks = { stdout: null, stderr: null }

/** undefined: what there was is read, and no more was wanted. */
const readStreams = async <T>(
  paths: JobPaths,
  open: (put: Put<T>, from: Sizes) => Reading,
  put: Put<T>,
  signal: AbortSignal,
  { follow = true, onState, onRecovered, askSecret, run, ...options }: AttachOptions,
): Promise<Followed | undefined> => {
  const range = run === undefined ? undefined : findRun(paths, run)
  const from = range?.from ?? offsetsOf(paths, options.from ?? 'start')
  const { sinks, onRun, end } = open(put, from)
  const watching = { onState, onRecovered, askSecret, onRun }
  const followed =
    follow && run === undefined ? await followJob(paths, { sinks, from, signal, ...withoutUnset(watching) }) : undefined
  if (followed === undefined && !(await copyPresent(paths, sinks, from, range?.to, onRun))) return undefined
  const isRead = followed === undefined || followed.kind === 'ended' || followed.kind === 'short'
  if (isRead) await end()
  return followed
}

/** @throws ErrnoException when a file can't be looked at */
export const offsetsOf = (paths: JobPaths, from: From): Sizes => {
  const { stdout, stderr } = paths
  if (from === 'start') return { stdout: 0, stderr: 0 }
  if (from === 'now') return { stdout: statSync(stdout).size, stderr: statSync(stderr).size }
  if ('last' in from) return { stdout: findLastLines(stdout, from.last), stderr: findLastLines(stderr, from.last) }
  if ('since' in from) return findRange(paths, { since: from.since, until: null }).from
  return from
}

export const problemOfReading = (id: string, followed: Followed | undefined): Problem | undefined => {
  if (followed === undefined) return undefined
  switch (followed.kind) {
    case 'ended':
    case 'detached':
    case 'unread':
      return undefined
    case 'short':
      return { code: 'short', id, stream: followed.stream, missing: followed.missing }
    default:
      return problemOfTrouble(id, followed)
  }
}
