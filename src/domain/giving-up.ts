/**
 * Moves that give a job up whose command could not be got to begin in the time given. Once it has begun nothing is given up: a lost link
 * never loses a job. The time is counted in pieces and kept in the state: no clock's jump matters, nor a chaperone's death.
 */
import { conclude } from './ending.ts'
import type { Effect } from './events.ts'
import type { Job } from './job.ts'
import type { Outcome } from './outcome.ts'
import type { Spec } from './spec.ts'
import { next, type Terms, type Transition } from './transition.ts'

/** Seconds that are counted at a time: a chaperone that dies forgets less than that. */
const PIECE = 10
/** Seconds between looks at a link that still stands when the time is over. */
const LOOK = 1

const pieceOf = ({ link }: Job, limit: number): number => Math.min(PIECE, limit - link.tried)

const isTrying = (job: Job): boolean => job.phase === 'launching' && job.ending === null

/** The timer that counts, where something is to be counted. */
export const goOnTrying = (job: Job, { spec }: { readonly spec: Spec }): readonly Effect[] => {
  const limit = spec.limits.giveUpAfter
  if (limit === null || !isTrying(job)) return []
  return [{ type: 'after', timer: 'trying', ms: (pieceOf(job, limit) || LOOK) * 1000 }]
}

/** A piece of the time is over. */
export const countTry = (before: Job, terms: Terms): Transition => {
  const limit = terms.spec.limits.giveUpAfter
  if (limit === null || !isTrying(before)) return next(before)
  const job = { ...before, link: { ...before.link, tried: before.link.tried + pieceOf(before, limit) } }
  // The launcher is there, and about to say what became of the launch. A kill that is owed to what may run is carried out.
  const isClose = job.link.status === 'up' || (job.prepared && job.intent.kind === 'stop')
  if (job.link.tried >= limit && !isClose) return giveUp(job)
  return next(job, { type: 'save' }, ...goOnTrying(job, terms))
}

const giveUp = (job: Job): Transition => {
  const evidence = job.link.fault?.evidence ?? 'no try has ended'
  // No launch was asked for before the directory was seen and that was on disk. Since then, only the remote knows.
  const outcome: Outcome = job.prepared
    ? { kind: 'unknown', reason: 'gave_up', evidence }
    : { kind: 'refused', reason: 'gave_up', evidence }
  const given: Job = { ...job, link: { ...job.link, status: 'down', nextTry: null } }
  return next(given, { type: 'disconnect' }).followedBy(conclude(given, outcome, 'now'))
}
