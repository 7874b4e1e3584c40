/** One job as it lies in the spool: what was asked, how it is, and whether it is looked after. What can't be read is said, not thrown. */
import { basename } from 'node:path'
import type { Spec } from '../domain/spec.ts'
import { judge, type Verdict } from '../domain/verdict.ts'
import { type Owner, presenceOfOwner, readOwner } from '../spool/chaperones.ts'
import type { Presence } from '../spool/identity.ts'
import type { JobPaths } from '../spool/layout.ts'
import { turnOf } from '../spool/queue.ts'
import type { Read, ReadFault } from '../spool/read-record.ts'
import { readSpec } from '../spool/spec.ts'
import { readState, type State } from '../spool/state.ts'

export interface JobView {
  readonly id: string
  readonly paths: JobPaths
  readonly spec: Read<Spec>
  readonly state: Read<State>
  readonly verdict: Verdict
}

export const viewJob = (paths: JobPaths, now: number): JobView => {
  const spec = orFault(paths.spec, readSpec)
  const state = orFault(paths.state, readState)
  return { id: basename(paths.dir), paths, spec, state, verdict: judgeJob(paths, spec, state, now) }
}

/** The verdict alone, for one that has read the records. An ended job's owner is not looked for. */
export const judgeJob = (paths: JobPaths, spec: Read<Spec>, state: Read<State>, now: number): Verdict => {
  if (state.ok && state.value.job.phase === 'ended') return 'ended'
  const { owner, presence } = lookForOwner(paths)
  const turn = spec.ok && owner === undefined ? turnOf(paths, spec.value) : undefined
  return judge({
    phase: state.ok ? state.value.job.phase : null,
    owner: presence,
    owned: owner !== undefined,
    queued: turn === null,
    age: spec.ok ? now - Math.max(Date.parse(spec.value.created.time), turn ?? 0) : null,
  })
}

/** What a newer chap wrote there, and this one can't understand: such a job is left as it is. */
export const findNewer = ({ spec, state }: Pick<JobView, 'spec' | 'state'>): ReadFault | undefined =>
  [spec, state].flatMap((read) => (read.ok ? [] : [read.fault])).find(({ code }) => code === 'newer')

/** Ended, but what the remote holds of it is not removed, and nobody is there to do it. */
export const isLeftUncollected = ({ paths, state }: JobView): boolean =>
  state.ok &&
  state.value.job.phase === 'ended' &&
  state.value.job.link.status !== 'closed' &&
  lookForOwner(paths).presence === 'dead'

interface Lookout {
  readonly owner: Owner | undefined
  readonly presence: Presence
}

export const lookForOwner = (paths: JobPaths): Lookout => {
  try {
    const owner = readOwner(paths)
    return { owner, presence: presenceOfOwner(paths, owner) }
  } catch {
    return { owner: undefined, presence: 'elsewhere' } // what may not be looked at proves nothing
  }
}

const orFault = <T>(path: string, read: (path: string) => Read<T>): Read<T> => {
  try {
    return read(path)
  } catch (error) {
    return { ok: false, fault: { code: 'damaged', path, detail: (error as NodeJS.ErrnoException).message } }
  }
}
