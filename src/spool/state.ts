/** state.json <-> Job. */
import { isClosed, type Job, outcomeOf } from '../domain/job.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Spec } from '../domain/spec.ts'
import { type Read, readRecord } from './read-record.ts'
import { FORMAT, type StateRecord, stateRecord } from './schema.ts'

/** What state.json says. */
export interface State {
  readonly job: Job
  readonly chaperonePid: number | null
  readonly updated: string
}

/** What is on disk beside the machine's own memory. */
export interface Around {
  readonly id: string
  readonly host: string | null
  readonly chaperonePid: number | null
  readonly now: string
}

export const readState = (path: string): Read<State> => {
  const read = readRecord(path, stateRecord)
  if (!read.ok) return read
  const { chaperone_pid, updated } = read.value
  return { ok: true, value: { job: jobOf(read.value), chaperonePid: chaperone_pid, updated } }
}

/**
 * A state that is the last one can't be written: so it says without being read that nothing comes any more. With --on-exit something may.
 */
export const modeOf = (job: Job, { onExit, callback }: Pick<Spec, 'onExit' | 'callback'>): number =>
  isClosed(job) && onExit === null && callback === null ? 0o400 : 0o600

/** A hint for readers of many jobs: true is certain, false says nothing (an older chap's, a copy). */
export const isFinal = ({ mode }: { readonly mode: number }): boolean => (mode & 0o222) === 0

export const formatState = (job: Job, around: Around): string =>
  `${JSON.stringify(recordOfJob(job, around), null, 2)}\n`

export const recordOfJob = (job: Job, around: Around): StateRecord => {
  const outcome = outcomeOf(job)
  const record = outcome === null ? null : (job.ending?.record ?? null)
  return {
    format: FORMAT,
    id: around.id,
    host: around.host,
    state: job.phase,
    outcome,
    exception: exceptionOf(outcome),
    status: record?.status ?? null,
    return_code: outcome?.kind === 'exited' ? outcome.code : null,
    signal: outcome?.kind === 'signaled' ? outcome.signal : null,
    ended_by: outcome === null ? null : (job.ending?.by ?? null),
    chaperone_pid: around.chaperonePid,
    pid: job.begun?.pid ?? null,
    rusage: record === null || record.cpu === null ? null : { utime: record.cpu.user, stime: record.cpu.system },
    start_time: job.startTime,
    end_time: job.endTime,
    stdout: { size: job.sizes?.stdout ?? null, cksum: record?.checksums.stdout ?? null },
    stderr: { size: job.sizes?.stderr ?? null, cksum: record?.checksums.stderr ?? null },
    runs_size: job.sizes?.runs ?? null,
    late_output: record?.late ?? false,
    intent: job.intent,
    signals: [...job.signals],
    link: {
      state: job.link.status,
      generation: job.link.generation,
      attempts: job.link.attempts,
      last_contact: job.link.lastContact,
      lost_at: job.link.lostAt,
      tried: job.link.tried,
      next_try: job.link.nextTry,
      fault: job.link.fault,
    },
    remote: {
      prepared: job.prepared,
      doubtful: job.doubtful,
      collected: job.collected,
      boot_id: job.begun?.bootId ?? null,
      session: job.begun?.session ?? null,
    },
    disk: job.disk,
    input: job.input,
    updated: around.now,
  }
}

const exceptionOf = (outcome: Outcome | null): StateRecord['exception'] =>
  outcome?.kind === 'refused' || outcome?.kind === 'unknown'
    ? { code: outcome.reason, message: outcome.evidence }
    : null

export const jobOf = (record: StateRecord): Job => ({
  phase: record.state,
  intent: record.intent,
  begun: begunOf(record),
  prepared: record.remote.prepared,
  doubtful: record.remote.doubtful,
  link: {
    // A chaperone that reads this has no link yet, and a watcher wants to know what there was.
    status: record.link.state,
    generation: record.link.generation,
    attempts: record.link.attempts,
    lastContact: record.link.last_contact,
    lostAt: record.link.lost_at,
    tried: record.link.tried,
    nextTry: record.link.next_try,
    fault: record.link.fault,
  },
  signals: record.signals,
  ending: endingOf(record),
  sizes: sizesOf(record),
  collected: record.remote.collected,
  startTime: record.start_time,
  endTime: record.end_time,
  disk: record.disk,
  input: record.input,
})

const begunOf = ({ pid, state, start_time, remote }: StateRecord): Job['begun'] =>
  pid === null && (state === 'launching' || start_time === null)
    ? null
    : { pid, session: remote.session, bootId: remote.boot_id }

const sizesOf = ({ stdout, stderr, runs_size: runs }: StateRecord): Job['sizes'] =>
  stdout.size === null || stderr.size === null
    ? null
    : { stdout: stdout.size, stderr: stderr.size, ...(runs === null ? {} : { runs }) }

const endingOf = (record: StateRecord): Job['ending'] => {
  if (record.outcome === null) return null
  const sizes = sizesOf(record)
  const ending = { outcome: record.outcome, by: record.ended_by, sizes }
  if (record.status === null || record.ended_by === null) return { ...ending, record: null }
  return {
    ...ending,
    record: {
      status: record.status,
      why: record.ended_by,
      late: record.late_output,
      start: Date.parse(record.start_time ?? record.updated) / 1000,
      end: Date.parse(record.end_time ?? record.updated) / 1000,
      sizes,
      checksums: { stdout: record.stdout.cksum, stderr: record.stderr.cksum },
      cpu: record.rusage === null ? null : { user: record.rusage.utime, system: record.rusage.stime },
    },
  }
}
