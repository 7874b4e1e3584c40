/** A whole group, or any jobs, together: waits for all of them, and follows all of them as one. */

import { setMaxListeners } from 'node:events'
import { existsSync } from 'node:fs'
import type { Gap } from '../domain/gaps.ts'
import type { AskSecret } from '../domain/secret.ts'
import type { State } from '../spool/state.ts'
import type { Stream } from '../spool/timeline.ts'
import { copyMerged, readSizesNow } from '../watcher/copy-merged.ts'
import { followMany, type Member } from '../watcher/follow-many.ts'
import type { JobView } from '../watcher/job-view.ts'
import type { Recovered } from '../watcher/recover.ts'
import { type From, offsetsOf, problemOfReading } from './attach.ts'
import { checkOwnSpool, findMembers, hostOf, type JobLike, lookUp } from './choose-job.ts'
import type { StartedGroup } from './group.ts'
import { handOver, type Put } from './hand-over.ts'
import { type Line, type OnGap, readLines } from './lines.ts'
import { attempt, isProblem, type Problem } from './problem.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'
import { type Ended, type WaitOptions, wait } from './wait.ts'
import { withoutUnset } from './without-unset.ts'

/** A group as `startGroup` gave it, or its id; or jobs, which need be no group. */
export type GroupLike = string | Pick<StartedGroup, 'id' | 'jobs'> | readonly JobLike[]

/** Whose it is. host: null is this machine. */
export interface Origin {
  readonly id: string
  readonly host: string | null
}

/** How all jobs of a group ended. */
export interface GroupEnd {
  /** In the group's order; those that were removed before are not among them. end: null where it goes on. */
  readonly jobs: readonly (Origin & { readonly end: Ended | Problem | null })[]
  /** Those of them that did not end with 0: what `retryFailed` would start again, and those of which nothing can be known. */
  readonly failed: readonly (Origin & { readonly end: Ended | Problem })[]
  /** The largest of the jobs' own, as `chap wait` exits with; 125 counts for a problem. */
  readonly exitStatus: number
}

const EXIT_CHAP = 125

/**
 * Waits until all jobs of a group have ended, or, with `until: 'any'`, the first of them.
 * @returns usage, spool, no_such_job, ...: there is nothing to wait for
 */
export const waitGroup = async (group: GroupLike, options: WaitOptions = {}): Promise<GroupEnd | Problem> => {
  const views = await findAllOf(group, options)
  return isProblem(views) ? views : concludeGroup(views, await wait(views, options))
}

const concludeGroup = (views: readonly JobView[], ends: readonly (Ended | Problem | null)[]): GroupEnd => {
  const jobs = views.map((view, index) => ({ ...originOf(view), end: ends[index] ?? null }))
  const statusOf = ({ end }: (typeof jobs)[number]): number =>
    end === null ? 0 : isProblem(end) ? EXIT_CHAP : end.exitStatus
  return {
    jobs,
    failed: jobs.flatMap((job) => (job.end === null || statusOf(job) === 0 ? [] : [{ ...job, end: job.end }])),
    exitStatus: Math.max(0, ...jobs.map(statusOf)),
  }
}

export interface AttachGroupOptions extends InSpool {
  /** As of `attach`; offsets are those of each job. */
  readonly from?: From
  /** Take only what there is now, instead of going on until all have ended. */
  readonly follow?: boolean
  /** Detaches from all of them; they go on. */
  readonly signal?: AbortSignal
  /** As of `attach`. */
  readonly onGap?: (gap: Parameters<OnGap>[0], id: string) => void
  /** Called with each new state of a job while an iterator is read. */
  readonly onState?: (state: State, id: string) => void
  readonly onRecovered?: (recovered: Recovered, id: string) => void
  readonly askSecret?: AskSecret
}

export type GroupLine = Line & Origin

/** Bytes of one stream of one job, as they came; the caller's own. */
export interface GroupPiece extends Origin {
  readonly stream: Stream
  readonly bytes: Uint8Array
}

/** As `Attachment`, of all jobs at once: what is there comes in the order in which it came, and then what comes, as it comes. */
export interface GroupAttachment {
  readonly jobs: readonly Origin[]
  /** Whole lines, of both streams or of one, each with whose it is. */
  readonly lines: (stream?: Stream) => AsyncGenerator<GroupLine, void, undefined>
  readonly pieces: (stream?: Stream) => AsyncGenerator<GroupPiece, void, undefined>
  /** How they ended. It waits for that by itself, from when it is first asked for. */
  readonly outcome: Promise<GroupEnd>
}

/** @returns usage, spool, no_such_job, ...: there is nothing to attach to */
export const attachGroup = async (
  group: GroupLike,
  options: AttachGroupOptions = {},
): Promise<GroupAttachment | Problem> => {
  const views = await findAllOf(group, options)
  if (isProblem(views)) return views
  const troubles = new Map<string, Problem>()
  let outcome: Promise<GroupEnd> | undefined
  const conclude = async (): Promise<GroupEnd> => {
    const good = views.filter(({ id }) => !troubles.has(id))
    const ends = await wait(good, options)
    return concludeGroup(
      views,
      views.map((view) => troubles.get(view.id) ?? ends[good.indexOf(view)] ?? { code: 'detached', id: view.id }),
    )
  }
  return {
    jobs: views.map(originOf),
    lines: (stream) => each(follow(views, options, troubles, linesOf(stream, options.onGap))),
    pieces: (stream) => follow(views, options, troubles, piecesOf(stream, options.onGap)),
    get outcome() {
      outcome ??= conclude()
      return outcome
    },
  }
}

type Open<T> = (view: JobView, from: Member['from'], put: Put<T>) => Pick<Member, 'sinks' | 'end'>

const linesOf =
  (stream: Stream | undefined, onGap: AttachGroupOptions['onGap']): Open<readonly GroupLine[]> =>
  (view, from, put) => {
    const origin = originOf(view)
    const { sinks, end } = readLines(
      view.paths,
      from,
      stream,
      (lines) => put(lines.map((line) => ({ ...line, ...origin }))),
      (gap) => onGap?.(gap, view.id),
    )
    return { sinks, end: async () => end().then(() => true) }
  }

const piecesOf =
  (only: Stream | undefined, onGap: AttachGroupOptions['onGap']): Open<GroupPiece> =>
  (view, _, put) => {
    const origin = originOf(view)
    const sinkOf = (stream: Stream) =>
      only === undefined || only === stream
        ? // A copy: the piece will be read into again.
          {
            write: (bytes: Uint8Array) => put({ ...origin, stream, bytes: new Uint8Array(bytes) }),
            skip: async (gap: Gap) => {
              onGap?.({ stream, ...gap }, view.id)
              return true
            },
          }
        : null
    return { sinks: { stdout: sinkOf('stdout'), stderr: sinkOf('stderr') }, end: async () => true }
  }

const follow = <T>(
  views: readonly JobView[],
  { from = 'start', follow: isFollowed = true, signal: outer, onState, onRecovered, askSecret }: AttachGroupOptions,
  troubles: Map<string, Problem>,
  open: Open<T>,
): AsyncGenerator<T, void, undefined> =>
  handOver(async (put: Put<T>, signal) => {
    setMaxListeners(0, signal)
    const give = oneAtATime(put)
    const result = await attempt(async () => {
      const members = views.map((view): Member => {
        const { id, paths, spec } = view
        // One that was removed meanwhile has nothing to begin at; the others have.
        const start = existsSync(paths.dir) ? offsetsOf(paths, from) : { stdout: 0, stderr: 0 }
        const recovery = { onRecovered: onRecovered && ((it: Recovered) => onRecovered(it, id)), askSecret }
        const hooks = { onState: onState && ((state: State) => onState(state, id)), ...recovery }
        const created = spec.ok ? Date.parse(spec.value.created.time) : 0
        return { id, paths, created, from: start, options: withoutUnset(hooks), ...open(view, start, give) }
      })
      if (isFollowed)
        await followMany(
          members,
          async ({ id }, followed) => {
            const problem = problemOfReading(id, followed)
            if (problem !== undefined) troubles.set(id, problem)
          },
          signal,
        )
      else
        await copyMerged(
          members,
          new Map(members.map((member) => [member, readSizesNow(member.paths)])),
          (member) => member.end(),
          signal,
        )
    })
    if (isProblem(result)) for (const { id } of views) troubles.set(id, result)
  }, outer)

/** Many give, and one value is taken at a time. */
const oneAtATime = <T>(put: Put<T>): Put<T> => {
  let last: Promise<boolean> = Promise.resolve(true)
  return (value) => {
    last = last.then(() => put(value))
    return last
  }
}

async function* each<T>(batches: AsyncGenerator<readonly T[], void, undefined>): AsyncGenerator<T, void, undefined> {
  for await (const batch of batches) yield* batch
}

const originOf = (view: JobView): Origin => ({ id: view.id, host: hostOf(view) })

const findAllOf = (group: GroupLike, options: InSpool): Promise<JobView[] | Problem> =>
  attempt<JobView[] | Problem>(() => {
    const around = surroundingsOf(options)
    const unsafe = checkOwnSpool(around)
    if (unsafe !== undefined) return unsafe
    if (typeof group === 'string') return findMembers(around, group)
    const views: JobView[] = []
    for (const job of 'jobs' in group ? group.jobs : group) {
      const view = lookUp(around, job)
      if (isProblem(view)) return view
      views.push(view)
    }
    return views
  })
