// Arbitrary jobs, as far as a record can hold them: before the end there is no outcome, after it there is one.

import fc from 'fast-check'
import type { FaultCode } from '../../src/domain/fault.ts'
import { PERMANENT } from '../../src/domain/fault.ts'
import type { Intent, Job, LinkState, SentSignal } from '../../src/domain/job.ts'
import { type EndedBy, type Outcome, outcomeOfStatus } from '../../src/domain/outcome.ts'
import type { ExitRecord, Sizes } from '../../src/domain/report.ts'
import { SIGNALS } from '../../src/domain/signals.ts'

const count = fc.nat()
const size = fc.maxSafeNat()
/** Milliseconds within the years that ISO 8601 writes with four digits. */
const milliseconds = fc.integer({ min: 0, max: 253_402_300_799_999 })
const time = milliseconds.map((ms) => new Date(ms).toISOString())
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary)
/** Any string that JSON can carry: a lone surrogate is not text. */
const text = fc.string({ unit: 'grapheme' })
const signal = fc.constantFrom(...SIGNALS)
const by = fc.record({ user: text, host: text, pid: count })

const codes: readonly FaultCode[] = [
  'authentication',
  'host_key',
  'refused',
  'unknown_host',
  'timeout',
  'busy',
  'lost',
  'sudo_denied',
  'no_program',
  'disk_full',
]
const fault = fc.record({ code: fc.constantFrom(...codes), evidence: text })

const link: fc.Arbitrary<LinkState> = fc.record({
  status: fc.constantFrom('connecting', 'up', 'down', 'closed'),
  generation: count,
  attempts: count,
  lastContact: orNull(time),
  lostAt: orNull(time),
  tried: count,
  nextTry: orNull(time),
  fault: orNull(fault),
})

const intent: fc.Arbitrary<Intent> = fc.oneof(
  fc.constant({ kind: 'run' } as const),
  fc.record({ kind: fc.constant('stop' as const), signal, grace: count, by, time }),
)

const sent: fc.Arbitrary<SentSignal> = fc.record({ signal, by, asked: time, sent: orNull(time) })
const sizes: fc.Arbitrary<Sizes> = fc.record(
  { stdout: size, stderr: size, runs: size },
  { requiredKeys: ['stdout', 'stderr'] },
)
const begun = fc.record({ pid: fc.integer({ min: 1, max: 4_194_304 }), session: orNull(text), bootId: orNull(text) })
const why = fc.constantFrom<EndedBy>('exit', 'kill', 'lease', 'disconnect', 'timeout', 'idle', 'max_output')
const sum = orNull(fc.integer({ min: 0, max: 4_294_967_295 }))

/** Whatever is neither a status nor a signal: there is no record of the end. */
const unexplained: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('refused' as const),
    reason: fc.constantFrom('stopped', 'launch_interrupted', 'gave_up', ...PERMANENT),
    evidence: text,
  }),
  fc.record({
    kind: fc.constant('unknown' as const),
    reason: fc.constantFrom(
      'rebooted',
      'supervisor_died',
      'directory_gone',
      'disconnected',
      'record_unreadable',
      'gave_up',
    ),
    evidence: text,
  }),
)

const common = {
  intent,
  prepared: fc.boolean(),
  doubtful: fc.boolean(),
  link,
  signals: fc.array(sent, { maxLength: 4 }),
  collected: fc.boolean(),
  disk: orNull(fault),
  input: orNull(fc.record({ size, eof: fc.boolean(), delivered: size, last: orNull(text) })),
}
const open = { ...common, ending: fc.constant(null), sizes: fc.constant(null), endTime: fc.constant(null) }

const launching: fc.Arbitrary<Job> = fc.record({
  ...open,
  phase: fc.constant('launching'),
  begun: fc.constant(null),
  startTime: fc.constant(null),
})

const begunJob: fc.Arbitrary<Job> = fc.record({
  ...open,
  phase: fc.constantFrom('running', 'reconnecting'),
  begun,
  startTime: time,
})

const finished: fc.Arbitrary<Job> = fc
  .record({
    job: fc.record({ ...common, begun }),
    status: fc.integer({ min: 0, max: 319 }),
    by: why,
    late: fc.boolean(),
    start: milliseconds,
    end: milliseconds,
    have: sizes,
    checksums: fc.record({ stdout: sum, stderr: sum }),
    cpu: orNull(
      fc.record({
        user: fc.double({ min: 0, max: 1e9, noNaN: true }),
        system: fc.double({ min: 0, max: 1e9, noNaN: true }),
      }),
    ),
  })
  .map(({ job, status, by: endedBy, late, start, end, have, checksums, cpu }) => {
    const record: ExitRecord = {
      status,
      why: endedBy,
      late,
      start: start / 1000,
      end: end / 1000,
      sizes: have,
      checksums,
      cpu,
    }
    const ending = { outcome: outcomeOfStatus(status), by: endedBy, record, sizes: have }
    const [startTime, endTime] = [new Date(start).toISOString(), new Date(end).toISOString()]
    return { ...job, phase: 'ended', ending, sizes: have, startTime, endTime }
  })

const concluded: fc.Arbitrary<Job> = fc
  .record({ job: fc.record({ ...common, endTime: time }), outcome: unexplained, have: sizes })
  .map(({ job, outcome, have }) => {
    const ending = { outcome, by: null, record: null, sizes: have }
    return { ...job, phase: 'ended', begun: null, startTime: null, ending, sizes: have }
  })

export const anyJob: fc.Arbitrary<Job> = fc.oneof(launching, begunJob, finished, concluded)
export const anyTime = time
export const anyText = text
