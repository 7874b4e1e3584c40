/** Moves that carry signals to the command. A signal that can't be delivered now is owed, and is on disk. */
import type { Effect } from './events.ts'
import type { InputRequest } from './input.ts'
import type { Job, SentSignal } from './job.ts'
import type { Signal } from './signals.ts'
import type { Request } from './spec.ts'
import { next, type Terms, type Transition } from './transition.ts'

const canDeliver = (job: Job): boolean => job.phase === 'running' && job.link.status === 'up'

export const answerEnded = (job: Job, request: Request): Transition =>
  next(job, { type: 'answer', request: request.id, result: 'ended' })

/** Takes a request. It is in the saved state before it is answered. */
export const ask = (job: Job, request: Exclude<Request, InputRequest>, _terms: Terms): Transition => {
  const { by, time, signal } = request
  const again = request.kind === 'stop' && job.intent.kind === 'stop' && job.intent.signal === signal
  if (again) return next(job, { type: 'answer', request: request.id, result: 'stopping' })
  const owed: SentSignal = { signal, by, asked: time, sent: null }
  const intent =
    request.kind === 'stop' ? ({ kind: 'stop', signal, grace: request.grace, by, time } as const) : job.intent
  const asked: Job = { ...job, intent, signals: [...job.signals, owed] }
  // That a signal was sent is said by the state, and only when it was.
  const result = request.kind === 'stop' && canDeliver(job) ? 'stopping' : 'pending'
  const effects: Effect[] = [{ type: 'save' }, { type: 'answer', request: request.id, result }]
  if (canDeliver(job)) effects.splice(1, 0, { type: 'signal', signal })
  return next(asked, ...effects)
}

/** A new link stands: what is owed is delivered, and the grace of a kill that was delivered before goes on. */
export const deliver = (job: Job, terms: Terms): Transition => {
  const owed = job.signals.filter(({ sent }) => sent === null).map(({ signal }): Effect => ({ type: 'signal', signal }))
  return next(job, ...owed).followedBy(next(job, ...graceLeft(job, terms)))
}

const graceLeft = ({ intent, signals }: Job, { now }: Terms): readonly Effect[] => {
  if (intent.kind === 'run' || signals.some(({ signal }) => signal === 'SIGKILL')) return []
  // One of the same name may have been sent before, which was no kill.
  const own = signals.find(({ signal, asked }) => signal === intent.signal && asked === intent.time)
  if (own === undefined || own.sent === null) return []
  const passed = Date.parse(now) - Date.parse(own.sent)
  const whole = intent.grace * 1000
  // A clock that was set back or forth must neither cut the grace short by much nor stretch it.
  return [{ type: 'after', timer: 'grace', ms: Math.min(whole, Math.max(0, whole - passed)) }]
}

/** A signal reached the group, or found nobody left. */
export const delivered = (job: Job, signal: Signal, sent: boolean, terms: Terms): Transition => {
  const index = job.signals.findIndex((owed) => owed.signal === signal && owed.sent === null)
  // Nobody was there to get it, and the job has not ended: it is not claimed to be sent, but the grace runs.
  if (!sent && job.intent.kind === 'stop' && signal === job.intent.signal && signal !== 'SIGKILL')
    return next(job, { type: 'after', timer: 'grace', ms: job.intent.grace * 1000 })
  // Between the runs of a series there is nobody: the next one is not to get what was meant for those before.
  if (!sent && job.intent.kind === 'run' && index >= 0 && terms.spec.series !== null)
    return next({ ...job, signals: job.signals.toSpliced(index, 1) }, { type: 'save' })
  if (!sent || index < 0) return next(job)
  const signals = job.signals.with(index, { ...(job.signals[index] as SentSignal), sent: terms.now })
  const told = { ...job, signals }
  return next(told, { type: 'save' }, ...(signal === 'SIGKILL' ? [] : graceLeft(told, terms)))
}

/** The grace is over. */
export const killNow = (job: Job, terms: Terms): Transition => {
  const { intent } = job
  if (intent.kind === 'run' || job.signals.some(({ signal }) => signal === 'SIGKILL')) return next(job)
  const owed: SentSignal = { signal: 'SIGKILL', by: intent.by, asked: terms.now, sent: null }
  const killing = { ...job, signals: [...job.signals, owed] }
  return next(killing, { type: 'save' }, ...(canDeliver(job) ? [{ type: 'signal', signal: 'SIGKILL' } as const] : []))
}
