/** Moves that open a link, or put off the next try. */
import { backoff } from './backoff.ts'
import type { Effect } from './events.ts'
import type { Fault } from './fault.ts'
import type { Job } from './job.ts'
import { next, type Terms, type Transition } from './transition.ts'

/** Opens the next link. Its number is on disk before it is used: two links never share one. */
export const connect = (job: Job, ...before: readonly Effect[]): Transition => {
  const generation = job.link.generation + 1
  const phase = job.phase === 'running' ? 'reconnecting' : job.phase
  const link = { ...job.link, status: 'connecting', generation, nextTry: null } as const
  return next({ ...job, phase, link }, ...before, { type: 'save' }, { type: 'connect', generation })
}

/** After any failure the whole link is ended, and the next one tried after a while, for ever. */
export const retryLater = (job: Job, fault: Fault, terms: Terms): Transition => {
  const attempts = job.link.attempts + 1
  const ms = backoff(attempts, terms.random)
  const nextTry = new Date(Date.parse(terms.now) + ms).toISOString()
  const phase = job.phase === 'running' ? 'reconnecting' : job.phase
  // What was known of the end will be said again by the next link.
  const ending = job.phase === 'ended' ? job.ending : null
  return next(
    { ...job, phase, ending, link: { ...job.link, status: 'down', attempts, nextTry, fault } },
    { type: 'disconnect' },
    { type: 'cancel', timer: 'look' },
    { type: 'save' },
    { type: 'after', timer: 'retry', ms },
  )
}
