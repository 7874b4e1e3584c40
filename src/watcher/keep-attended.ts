/** For one that waits on a job: sees every now and then that the job has a chaperone, and brings one back where it has not. */
import type { JobPaths } from '../spool/layout.ts'
import { readSpec } from '../spool/spec.ts'
import { readState } from '../spool/state.ts'
import { judgeJob } from './job-view.ts'
import { type Recovered, recoverJob } from './recover.ts'

/** Milliseconds between looks. */
const PAUSE_MS = 1_000

/** Looks if it is time to. undefined: no new chaperone was needed. */
export type KeepAttended = () => Promise<Recovered | undefined>

export const keepAttended = (paths: JobPaths): KeepAttended => {
  let nextLook = 0
  return async () => {
    const now = performance.now()
    if (now < nextLook) return undefined
    nextLook = now + PAUSE_MS
    const verdict = judgeJob(paths, readSpec(paths.spec), readState(paths.state), Date.now())
    return verdict === 'orphaned' ? recoverJob(paths) : undefined
  }
}
