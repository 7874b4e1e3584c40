/** Is a job looked after? Derived by whoever reads it, never stored: a record can't say that its writer died. */
import type { Phase } from './job.ts'

/** queued: its turn in its group has not come, and so nobody looks after it. suspect: nothing certain can be said from here. orphaned: not ended, and its chaperone proven gone. */
export type Verdict = 'attended' | 'queued' | 'suspect' | 'orphaned' | 'ended'

/** Milliseconds that a new job's first chaperone may take to appear. */
const START_GRACE_MS = 10_000

export interface Signs {
  /** null: the state can't be read. */
  readonly phase: Phase | null
  /** elsewhere: the owner ran on another machine. */
  readonly owner: 'alive' | 'dead' | 'elsewhere'
  /** Did a chaperone ever take the job up? */
  readonly owned: boolean
  /** Does it wait for its turn? */
  readonly queued: boolean
  /** Milliseconds since the job was made, or its turn came; null: unknown. */
  readonly age: number | null
}

export const judge = ({ phase, owner, owned, queued, age }: Signs): Verdict => {
  if (phase === 'ended') return 'ended'
  if (owner === 'alive') return 'attended'
  if (queued && !owned) return 'queued'
  if (owner === 'elsewhere') return 'suspect'
  // A clock that was set back makes a job seem to come from the future: that is no reason to wait for it.
  return !owned && age !== null && age >= 0 && age < START_GRACE_MS ? 'suspect' : 'orphaned'
}
