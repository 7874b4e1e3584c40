/** For one that waits on a job: sees every now and then that the job has a chaperone, and brings one back where it has not. */
import type { JobPaths } from '../spool/layout.ts'
import { readSpec } from '../spool/spec.ts'
import { readState } from '../spool/state.ts'
import { judgeJob } from './job-view.ts'
import { type Recovered, recoverJob } from './recover.ts'
import type { Trouble } from './trouble.ts'

/** Milliseconds between looks. */
const PAUSE_MS = 1_000

/** Called when a job's chaperone was gone. */
export type OnRecovered = (recovered: Recovered) => void

/** @returns a function that looks if it is time to, and says why no new chaperone is there where one was needed */
export const keepAttended = (paths: JobPaths, onRecovered?: OnRecovered): (() => Promise<Trouble | undefined>) => {
  let nextLook = 0
  return async () => {
    const now = performance.now()
    if (now < nextLook) return undefined
    nextLook = now + PAUSE_MS
    const verdict = judgeJob(paths, readSpec(paths.spec), readState(paths.state), Date.now())
    if (verdict !== 'orphaned') return undefined
    const recovered = await recoverJob(paths)
    onRecovered?.(recovered)
    if (recovered.kind === 'gone' || recovered.kind === 'unreadable') return recovered
    return recovered.kind === 'failed' ? { kind: 'unattended', evidence: recovered.evidence } : undefined
  }
}
