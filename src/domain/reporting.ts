/** Moves that follow from what the launcher says of the job. */
import { retryLater } from './connecting.ts'
import { conclude, concludeGone, finish } from './ending.ts'
import { type Fault, permanentCode } from './fault.ts'
import { feed } from './input.ts'
import type { Job } from './job.ts'
import type { Begun, Report } from './report.ts'
import { deliver } from './stopping.ts'
import { next, type Terms, type Transition } from './transition.ts'

/** Milliseconds between looks at a process group that outlives its command while it is being stopped. */
const LOOK_MS = 200

type Absent = Extract<Report, { kind: 'absent' }>

const onAbsent = (job: Job, { fresh, why }: Absent, terms: Terms, how: 'connected' | 'reported'): Transition => {
  if (job.begun !== null || (job.prepared && fresh))
    return conclude(job, { kind: 'unknown', reason: 'directory_gone', evidence: 'it was there before' }, 'now')
  // What an older link launched may be about to begin. Whoever gets a signal while there is nothing sees to it that there never is.
  if (job.intent.kind === 'stop' && job.prepared && how === 'connected')
    return next(job, { type: 'signal', signal: job.intent.signal })
  if (job.intent.kind === 'stop')
    return conclude(job, { kind: 'refused', reason: 'stopped', evidence: 'killed before it was launched' }, 'now')
  // Until it is told to be kept, the directory goes with the link. That it was told so is on disk before anything is launched in it.
  if (!job.prepared)
    return how === 'connected'
      ? next(job, { type: 'prepare' })
      : next({ ...job, prepared: true }, { type: 'save' }, { type: 'launch' })
  if (how === 'connected') return next(job, { type: 'save' }, { type: 'launch' })
  if (why !== undefined) return retryLater(job, { code: 'remote_disk_full', evidence: why }, terms)
  return retryLater(job, { code: 'lost', evidence: 'the launch was not taken' }, terms)
}

const onUnlaunched = (job: Job, fault: Fault, terms: Terms): Transition => {
  const code = permanentCode(fault)
  return code === undefined
    ? retryLater({ ...job, prepared: false }, fault, terms)
    : conclude(job, { kind: 'refused', reason: code, evidence: fault.evidence }, 'now')
}

const onRunning = (job: Job, begun: Begun, terms: Terms): Transition => {
  if (job.phase === 'running') return next(job)
  const running: Job = { ...job, phase: 'running', begun, startTime: job.startTime ?? terms.now }
  return next(running, { type: 'save' }, { type: 'follow' }, ...feed(running)).followedBy(deliver(running, terms))
}

const onEnded = (job: Job, report: Extract<Report, { kind: 'ended' }>, terms: Terms): Transition => {
  const begun = job.begun ?? report.begun
  const killed = job.signals.some(({ signal, sent }) => signal === 'SIGKILL' && sent !== null)
  // The grace of a kill belongs to the whole group, also when the command itself went at once.
  if (report.groupAlive && job.intent.kind === 'stop' && !killed && job.ending === null) {
    const followed =
      job.phase === 'running' ? next(job) : onRunning(job, begun ?? { pid: null, session: null, bootId: null }, terms)
    return followed.followedBy(next(followed.job, { type: 'after', timer: 'look', ms: LOOK_MS }))
  }
  return finish({ ...job, begun }, report.record, terms)
}

const onLost = (job: Job, report: Extract<Report, { kind: 'lost' }>, terms: Terms): Transition => {
  const { why, sizes } = report
  if (why === 'never_began')
    return conclude(
      job,
      { kind: 'refused', reason: job.intent.kind === 'stop' ? 'stopped' : 'launch_interrupted', evidence: why },
      'now',
    )
  if (terms.spec.series === null)
    return conclude(job, { kind: 'unknown', reason: why, evidence: 'no exit record' }, sizes)
  // One run is lost, and the series is not.
  if (report.isStuck !== true) return next(job, { type: 'continue' })
  return retryLater(job, { code: 'lost', evidence: 'the series could not be made to go on' }, terms)
}

/** @param how whether this is a new link's first report: only that one may lead to a launch. */
export const takeReport = (job: Job, report: Report, terms: Terms, how: 'connected' | 'reported'): Transition => {
  if (job.ending !== null) return next(job)
  switch (report.kind) {
    case 'absent':
      return onAbsent(job, report, terms, how)
    case 'unlaunched':
      return onUnlaunched(job, report.fault, terms)
    case 'running':
      return onRunning(job, report.begun, terms)
    case 'ended':
      return onEnded(job, report, terms)
    case 'lost':
      return onLost(job, report, terms)
    case 'gone':
      return concludeGone(job)
    case 'unreadable':
      return conclude(job, { kind: 'unknown', reason: 'record_unreadable', evidence: report.text }, 'now')
  }
}
