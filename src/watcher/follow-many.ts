/** Follows several jobs at once, or a whole spool: first what they have, in the order in which it came; then what comes, as it comes. */
import { setMaxListeners } from 'node:events'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Sizes } from '../domain/report.ts'
import { jobsDir } from '../spool/layout.ts'
import { readState } from '../spool/state.ts'
import { copyMerged, readSizesNow } from './copy-merged.ts'
import { listIds, viewById } from './find-jobs.ts'
import { type Followed, type FollowOptions, followJob } from './follow.ts'
import type { JobView } from './job-view.ts'
import type { Merging } from './list-pieces.ts'
import { watchDirectory } from './watch-directory.ts'

/** Ended jobs that are looked at together: each holds three descriptors for a moment. */
const AT_ONCE = 32

export interface Member extends Merging {
  readonly id: string
  readonly options: Omit<FollowOptions, 'sinks' | 'from' | 'signal'>
  /** Shows last lines that have no end: the job is over, or followed no longer. false: nobody reads any more. */
  readonly end: () => Promise<boolean>
}

type OnFollowed<Job> = (member: Job, followed: Followed) => Promise<void>

/**
 * Until all have ended.
 * @param onFollowed called for each when it is over, with its end shown
 * @param signal detaches from all
 * @throws ErrnoException when a file of a job can't be read
 */
export const followMany = async <Job extends Member>(
  members: readonly Job[],
  onFollowed: OnFollowed<Job>,
  signal: AbortSignal,
): Promise<void> => {
  // When nobody reads any more, none is followed any longer.
  const own = new AbortController()
  const stop = (): void => own.abort()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  const conclude: OnFollowed<Job> = (member, followed) => {
    if (followed.kind === 'unread') stop()
    return onFollowed(member, followed.kind === 'detached' && !signal.aborted ? { kind: 'unread' } : followed)
  }
  const follow = await copyBacklog(members, conclude, own.signal)
  // One look at each: of two, one that ends in between would be in neither.
  const over = new Set(members.filter(isEnded))
  const going = members.filter((member) => !over.has(member))
  try {
    await Promise.all([...going.map(follow), ...inTurns(over, follow)])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Every job of the spool, also those that come later. Ends by `signal` alone, or when nobody reads any more. */
export const followSpool = async <Job extends Member>(
  spool: string,
  open: (view: JobView) => Job,
  onFollowed: OnFollowed<Job>,
  signal: AbortSignal,
): Promise<void> => {
  const watch = watchDirectory(jobsDir(spool))
  const known = new Set<string>()
  const findNew = (): Job[] => {
    const found = listIds(spool).filter((id) => !known.has(id))
    for (const id of found) known.add(id)
    return found.flatMap((id) => viewById(spool, id, Date.now()) ?? []).map(open)
  }
  const stop = (): void => watch.close()
  signal.addEventListener('abort', stop)
  const failed: unknown[] = []
  try {
    const members = findNew()
    const follow = await copyBacklog(members, onFollowed, signal)
    let isUnread = false
    const begin = (member: Job): void =>
      void follow(member)
        .then((followed) => {
          if (followed.kind !== 'unread') return
          isUnread = true
          watch.close()
        })
        .catch((error: unknown) => {
          failed.push(error)
          watch.close()
        })
    for (const member of members) if (!isEnded(member)) begin(member)
    while (!signal.aborted && !isUnread && failed.length === 0) {
      await watch.changed()
      if (!signal.aborted) for (const member of findNew()) begin(member)
      await breathe()
    }
  } finally {
    signal.removeEventListener('abort', stop)
    watch.close()
  }
  if (failed.length > 0) throw failed[0]
}

/** @returns how to follow one of them from where its backlog ended, or from its start if it is none of them */
const copyBacklog = async <Job extends Member>(
  members: readonly Job[],
  onFollowed: OnFollowed<Job>,
  signal: AbortSignal,
): Promise<(member: Job) => Promise<Followed>> => {
  setMaxListeners(0, signal) // one for each job
  // Before the sizes: one that ends meanwhile has more to come than they say.
  const over = new Set(members.filter(isEnded))
  const reached = new Map<Job, Sizes>(members.map((member) => [member, readSizesNow(member.paths)]))
  const stopped = new Promise<boolean>((resolve) => {
    if (signal.aborted) resolve(false)
    signal.addEventListener('abort', () => resolve(false), { once: true })
  })
  // Of a job that has ended the last line comes where it belongs, not behind all others.
  // A write that a stalled reader holds up must not hold up a Ctrl-C.
  const isCopied = await Promise.race([
    copyMerged(members, reached, async (member) => !over.has(member) || member.end(), signal),
    stopped,
  ])
  return async (member) => {
    const followed: Followed =
      isCopied || !reached.has(member)
        ? await followJob(member.paths, {
            ...member.options,
            sinks: member.sinks,
            from: reached.get(member) ?? member.from,
            signal,
          })
        : { kind: signal.aborted ? 'detached' : 'unread' }
    if (followed.kind !== 'detached' && followed.kind !== 'unread') await member.end()
    await onFollowed(member, followed)
    return followed
  }
}

const isEnded = ({ paths }: Member): boolean => {
  const state = readState(paths.state)
  return state.ok && state.value.job.phase === 'ended'
}

const inTurns = <Job>(jobs: ReadonlySet<Job>, work: (job: Job) => Promise<unknown>): Promise<void>[] => {
  const rest = jobs.values()
  return Array.from({ length: Math.min(AT_ONCE, jobs.size) }, async () => {
    for (const job of rest) await work(job)
  })
}
