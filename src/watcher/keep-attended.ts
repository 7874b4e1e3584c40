/** For one that waits on a job: sees every now and then that the job has a chaperone, and brings one back where it has not. */
import type { AskSecret } from '../domain/secret.ts'
import type { JobPaths } from '../spool/layout.ts'
import { readSpec } from '../spool/spec.ts'
import { readState } from '../spool/state.ts'
import { judgeJob } from './job-view.ts'
import { type Recovered, recoverJob } from './recover.ts'
import { endIfAsked, tendGroup } from './tend-group.ts'
import type { Trouble } from './trouble.ts'

/** Milliseconds between looks. */
const PAUSE_MS = 1_000

export interface Recovery {
  /** Called when a job's chaperone was gone. */
  readonly onRecovered?: (recovered: Recovered) => void
  /** Asks a person for the job's secret; without it a job whose secret is typed stays as it is. */
  readonly askSecret?: AskSecret
}

/** @returns a function that looks if it is time to, and says why no new chaperone is there where one was needed */
export const keepAttended = (
  paths: JobPaths,
  { onRecovered, askSecret }: Recovery,
): (() => Promise<Trouble | undefined>) => {
  let nextLook = 0
  let recovering: { readonly result: Promise<Recovered>; isOver: boolean } | undefined
  const recover = () => {
    const begun = { result: recoverJob(paths, askSecret), isOver: false }
    const end = (): void => {
      begun.isOver = true
    }
    begun.result.then(end, end)
    return begun
  }
  return async () => {
    const now = performance.now()
    if (now < nextLook) return undefined
    nextLook = now + PAUSE_MS
    const spec = readSpec(paths.spec)
    const verdict = judgeJob(paths, spec, readState(paths.state), Date.now())
    if (spec.ok) await tendGroup(paths, spec.value, askSecret)
    if (verdict === 'queued') return endIfAsked(paths)
    const isOrphaned = verdict === 'orphaned'
    if (!isOrphaned && !recovering?.isOver) return undefined
    recovering ??= recover()
    // A person types slowly, or never: meanwhile another may bring the chaperone back, and what is here is shown.
    const recovered = await orLater(recovering.result, PAUSE_MS)
    if (recovered === undefined) return undefined
    recovering = undefined
    // Somebody else was quicker: nobody's question matters any more.
    if (!isOrphaned && recovered.kind !== 'recovered') return undefined
    onRecovered?.(recovered)
    if (recovered.kind === 'gone' || recovered.kind === 'unreadable' || recovered.kind === 'locked') return recovered
    return recovered.kind === 'failed' ? { kind: 'unattended', evidence: recovered.evidence } : undefined
  }
}

/** undefined: it takes longer. */
const orLater = async <T>(promise: Promise<T>, ms: number): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const later = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined)
  })
  try {
    return await Promise.race([promise, later])
  } finally {
    clearTimeout(timer)
  }
}
