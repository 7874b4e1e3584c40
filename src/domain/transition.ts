/** One move of the machine: the job after it, and what must be done, in this order. */
import type { Effect } from './events.ts'
import type { Job } from './job.ts'
import type { Spec } from './spec.ts'

/** What a move may depend on besides the job and the event. */
export interface Terms {
  readonly spec: Spec
  /** RFC 3339, UTC. */
  readonly now: string
  /** In [0, 1), drawn anew for each move. */
  readonly random: number
}

export interface Transition {
  readonly job: Job
  readonly effects: readonly Effect[]
  /** This move's effects, followed by those of another that went on from its job. */
  readonly followedBy: (other: Transition) => Transition
}

export const next = (job: Job, ...effects: readonly Effect[]): Transition => ({
  job,
  effects,
  followedBy: (other) => next(other.job, ...effects, ...other.effects),
})
