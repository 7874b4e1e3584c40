/** Starts a job under an id that its caller chose: once, whoever asks for it, and however often. */
import { existsSync } from 'node:fs'
import { isClosed } from '../domain/job.ts'
import { createJob, type NewJob, type NewSpec } from '../spool/create.ts'
import { groupPaths, jobPaths } from '../spool/layout.ts'
import type { ReadFault } from '../spool/read-record.ts'
import { readSpec } from '../spool/spec.ts'
import { readState } from '../spool/state.ts'
import { viewCallback } from './callback.ts'
import { type JobView, lookForOwner } from './job-view.ts'
import { viewOnExit } from './on-exit.ts'
import { type GiveJob, spawnChaperone } from './spawn-chaperone.ts'
import { type StartedJob, waitUntilBegun } from './start-job.ts'
import { watchDirectory } from './watch-directory.ts'

type Asked = Readonly<Record<string, string>>

export type Present =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'same'
      readonly job: NewJob
      readonly hasEnded: boolean
      /** Somebody attends to it; or it has ended, and nothing is left that its chaperone was to do here. */
      readonly isSettled: boolean
      /** Of the chaperone that wrote the state of one that goes on. */
      readonly lastPid: number | null
    }
  /** Something else was asked for, at these places; none: nobody chose that job's id, or a group has it. */
  | { readonly kind: 'taken'; readonly places: readonly string[] }
  | { readonly kind: 'unreadable'; readonly fault: ReadFault }

/** What there is under an id. A job's directory appears whole, so whoever sees it sees what was asked. */
export const findPresent = (spool: string, id: string, asked: Asked): Present => {
  if (existsSync(groupPaths(spool, id).dir)) return { kind: 'taken', places: [] }
  const paths = jobPaths(spool, id)
  if (!existsSync(paths.dir)) return { kind: 'absent' }
  const spec = readSpec(paths.spec)
  if (!spec.ok) {
    if (spec.fault.code !== 'missing') return { kind: 'unreadable', fault: spec.fault }
    // Removed just now; or something else than a job has its place.
    return existsSync(paths.dir) ? { kind: 'taken', places: [] } : { kind: 'absent' }
  }
  const before = spec.value.asked
  if (before === null) return { kind: 'taken', places: [] }
  const places = differencesOf(before, asked)
  if (places.length > 0) return { kind: 'taken', places }
  const state = readState(paths.state)
  const hasEnded = state.ok && state.value.job.phase === 'ended'
  return {
    kind: 'same',
    job: { spec: spec.value, paths },
    hasEnded,
    isSettled: hasEnded ? !isLeft({ spec, state, paths }) : lookForOwner(paths).presence !== 'dead',
    lastPid: state.ok && !hasEnded ? state.value.chaperonePid : null,
  }
}

/**
 * Is a callback or the command of --on-exit left to be done, and nobody there? Where the remote's directory is to be removed first, with a password, it is left to
 * `recover`: nobody is asked for one to hear how a job ended.
 */
const isLeft = (seen: Pick<JobView, 'spec' | 'state' | 'paths'>): boolean => {
  const { spec, state } = seen
  const isLocked = spec.ok && spec.value.secret.kind !== 'none' && !(state.ok && isClosed(state.value.job))
  return !isLocked && (viewCallback(seen)?.kind === 'left' || viewOnExit(seen)?.kind === 'left')
}

/** The places at which two jobs were not asked for alike. */
export const differencesOf = (one: Asked, other: Asked): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((place) => one[place] !== other[place]).toSorted()

/**
 * Of several callers one makes the job. The others give it to their chaperones as well, where nobody attends to it: the one that made it may have been
 * killed, and of any number of chaperones one takes a job up.
 * @throws ErrnoException when the job can't be put in the spool: then there is none
 */
export const startOnce = (
  spool: string,
  id: string,
  draft: NewSpec & { readonly asked: Asked },
  stdin: () => Uint8Array | null,
  secret: string | null,
  giveJob?: GiveJob,
): StartedJob | Exclude<Present, { kind: 'absent' | 'same' }> => {
  for (;;) {
    const present = findPresent(spool, id, draft.asked)
    if (present.kind === 'taken' || present.kind === 'unreadable') return present
    const job = present.kind === 'same' ? present.job : createAs(spool, id, draft, stdin())
    if (job === undefined) continue
    const isSettled = present.kind === 'same' && present.isSettled
    if (isSettled) return { ...job, begun: (limit) => waitUntilBegun(job, new Promise(() => undefined), limit) }
    const failed = (giveJob ?? spawnChaperone())(job.paths, secret)
    const lastPid = present.kind === 'same' ? present.lastPid : null
    return {
      ...job,
      begun: async (limit) => {
        if (lastPid !== null) await waitUntilTaken(job, lastPid, failed, limit)
        return waitUntilBegun(job, failed, limit)
      },
    }
  }
}

/** Milliseconds in which a chaperone takes a job up. */
const TAKING_UP_MS = 10_000

/** Until then the state is that which a dead one left: it may say that all is well. */
const waitUntilTaken = async (
  { paths }: NewJob,
  lastPid: number,
  failed: Promise<string>,
  limit = TAKING_UP_MS,
): Promise<void> => {
  const watch = watchDirectory(paths.dir)
  const deadline = performance.now() + Math.min(limit, TAKING_UP_MS)
  let hasFailed = false
  void failed.then(() => {
    hasFailed = true
  })
  try {
    while (!hasFailed && performance.now() < deadline) {
      const state = readState(paths.state)
      if (!state.ok || state.value.chaperonePid !== lastPid) return
      await watch.changed()
    }
  } finally {
    watch.close()
  }
}

const TAKEN = Symbol('taken')

/** undefined: another was faster. */
const createAs = (spool: string, id: string, draft: NewSpec, stdin: Uint8Array | null): NewJob | undefined => {
  let draws = 0
  try {
    return createJob(spool, draft, stdin, () => {
      draws += 1
      if (draws > 1) throw TAKEN
      return id
    })
  } catch (error) {
    if (error !== TAKEN) throw error
    return undefined
  }
}
