/**
 * The machine: what a job becomes at an event, and what must be done about it. Pure.
 *
 *                    absent: launch                      link lost
 *   taken -> (connect) -----> launching --begun--> running <-------> reconnecting
 *                                |                    |   reconnected     |
 *        refused, stopped, never |       ended, lost, | gone              | only to end with its link
 *                                v                    v                   v
 *                                +----> drain --------+---------> ended (collect) -> leave
 *
 * A missing cell of the table does not compile.
 */
import { connect, retryLater } from './connecting.ts'
import { conclude, fetchAgain, isLeftThere, keptThere, publish, settle } from './ending.ts'
import type { Event } from './events.ts'
import { permanentCode } from './fault.ts'
import { countTry, goOnTrying } from './giving-up.ts'
import { fed, takeInput } from './input.ts'
import type { Job, Phase } from './job.ts'
import { takeReport } from './reporting.ts'
import { endsWithLink } from './spec.ts'
import { answerEnded, ask, delivered, killNow } from './stopping.ts'
import { next, type Terms, type Transition } from './transition.ts'

type Cell<E extends Event> = (job: Job, event: E, terms: Terms) => Transition
type Row = { readonly [T in Event['type']]: Cell<Extract<Event, { type: T }>> }

const ignore = (job: Job): Transition => next(job)

const onConnected: Row['connected'] = (job, { report }, terms) => {
  const link = { ...job.link, status: 'up', attempts: 0, lastContact: terms.now, nextTry: null, fault: null } as const
  return takeReport({ ...job, link }, report, terms, 'connected')
}

/** A link that is lost may have said something before, which waited for its turn: the next one says it again, and follows the output. */
const onReported: Row['reported'] = (job, { report }, terms) =>
  job.link.status === 'up'
    ? takeReport({ ...job, link: { ...job.link, lastContact: terms.now } }, report, terms, 'reported')
    : next(job)

const onLost: Row['lost'] = (job, { fault }, terms) => {
  if (endsWithLink(terms.spec) && (job.begun !== null || job.prepared))
    return conclude(
      { ...job, link: { ...job.link, status: 'down', fault, lostAt: terms.now } },
      { kind: 'unknown', reason: 'disconnected', evidence: fault.evidence },
      'now',
    )
  return retryLater(inDoubt({ ...job, link: { ...job.link, lostAt: terms.now } }), fault, terms)
}

/** A link stood, or did when its chaperone died: it may have had the directory prepared, and nobody here heard that it was. */
const inDoubt = (job: Job): Job => ({ ...job, doubtful: job.doubtful || (job.phase === 'launching' && !job.prepared) })

const onFailed: Row['failed'] = (job, { fault }, terms) => {
  if (fault.code === 'superseded')
    return next(job, { type: 'note', text: `a newer link owns this job: ${fault.evidence}` }, { type: 'leave' })
  const code = permanentCode(fault)
  if (job.phase === 'launching' && !job.prepared) {
    const link = { ...job.link, status: 'down', fault, attempts: job.link.attempts + 1 } as const
    if (code !== undefined)
      return conclude({ ...job, link }, { kind: 'refused', reason: code, evidence: fault.evidence }, 'now')
    if (job.intent.kind === 'stop')
      return conclude({ ...job, link }, { kind: 'refused', reason: 'stopped', evidence: fault.evidence }, 'now')
  }
  return retryLater(job, fault, terms)
}

const onDue: Row['due'] = (job, { timer }, terms) => {
  switch (timer) {
    case 'retry':
      return job.link.status === 'down' ? connect(job) : next(job)
    case 'grace':
      return killNow(job, terms)
    case 'look':
      return job.link.status === 'up' ? next(job, { type: 'look' }) : next(job)
    case 'trying':
      return countTry(job, terms)
  }
}

/** A watcher came. Whoever waits at a terminal is not made to wait for a timer. */
const onKnocked: Row['knocked'] = (job) =>
  job.link.status === 'down' && job.ending === null ? connect(job, { type: 'cancel', timer: 'retry' }) : next(job)

const onTaken: Row['taken'] = (job, _event, terms) => {
  if (endsWithLink(terms.spec) && (job.begun !== null || job.prepared))
    return conclude(job, { kind: 'unknown', reason: 'disconnected', evidence: 'its chaperone died' }, 'now')
  // It was killed before anything was tried for it: nothing is there to be asked.
  if (job.phase === 'launching' && job.intent.kind === 'stop' && job.link.generation === 0)
    return conclude(job, { kind: 'refused', reason: 'stopped', evidence: 'no connection was tried' }, 'now')
  const connecting = connect(job.link.status === 'connecting' || job.link.status === 'up' ? inDoubt(job) : job)
  return connecting.followedBy(next(connecting.job, ...goOnTrying(connecting.job, terms)))
}

/** The link goes on: a kill must get through. Only what it would fetch is put off. */
const onDisk: Row['disk'] = (job, { fault }) => {
  const told = { ...job, disk: fault }
  return fault === null ? next(told, { type: 'save' }, { type: 'resume' }) : next(told, { type: 'save' })
}

const active: Row = {
  taken: onTaken,
  connected: onConnected,
  failed: onFailed,
  lost: onLost,
  reported: onReported,
  asked: (job, { request }, terms) =>
    request.kind === 'input' ? takeInput(job, request, terms.spec) : ask(job, request, terms),
  signaled: (job, event, terms) => {
    const told = delivered(job, event.signal, event.sent, terms)
    return told.followedBy(onReported(told.job, { type: 'reported', report: event.report }, terms))
  },
  drained: (job, { sizes }, terms) => publish(job, sizes, terms),
  collected: ignore,
  kept: ignore,
  knocked: onKnocked,
  due: onDue,
  disk: onDisk,
  fed: (job, { has }) => fed(job, has),
}

const table: { readonly [P in Phase]: Row } = {
  launching: active,
  running: { ...active, connected: ignore, failed: ignore },
  reconnecting: active,
  ended: {
    taken: (job) => (job.collected ? next(job, { type: 'leave' }) : isLeftThere(job) ? settle(job) : connect(job)),
    connected: (job, { report }, terms) =>
      fetchAgain(
        { ...job, link: { ...job.link, status: 'up', attempts: 0, lastContact: terms.now, fault: null } },
        report,
        terms,
      ),
    failed: (job, { fault }, terms) =>
      fault.code === 'superseded' ? next(job, { type: 'leave' }) : retryLater(job, fault, terms),
    lost: (job, { fault }, terms) => (job.collected ? next(job) : retryLater(job, fault, terms)),
    reported: ignore,
    asked: (job, { request }, terms) =>
      request.kind === 'input' ? takeInput(job, request, terms.spec) : answerEnded(job, request),
    // The end may be told before the answer: what was sent was sent.
    signaled: (job, { signal, sent }, terms) =>
      sent ? next(delivered(job, signal, true, terms).job, { type: 'save' }) : next(job),
    drained: (job) => next(job, { type: 'collect' }),
    collected: (job) => settle({ ...job, collected: true }),
    kept: (job, { evidence }) => settle(job, keptThere(evidence)),
    knocked: (job) =>
      job.link.status === 'down' && !job.collected ? connect(job, { type: 'cancel', timer: 'retry' }) : next(job),
    due: onDue,
    disk: onDisk,
    fed: ignore,
  },
}

/** What `job` becomes at `event`. Events that mean nothing in a phase (an answer that comes too late) change nothing. */
export const step = (job: Job, event: Event, terms: Terms): Transition => {
  const cell = table[job.phase][event.type] as Cell<Event>
  return cell(job, event, terms)
}
