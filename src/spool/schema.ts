/**
 * The records of spool format 1, as they lie on disk (snake_case). One source: the types, the checks and the published JSON Schema
 * come from it. Unknown fields are passed over, so that a newer chap's spool can be read.
 */
import * as v from 'valibot'
import { PERMANENT } from '../domain/fault.ts'
import { SIGNALS } from '../domain/signals.ts'
import { callbackRecord } from './callback-schema.ts'
import { outputLimit } from './output-limit-schema.ts'
import { program } from './program-schema.ts'

export const FORMAT = 1

export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
export const time = v.pipe(v.string(), v.isoTimestamp())
export const signal = v.picklist(SIGNALS, 'expected a signal name')
/** 1 today; a higher number is a newer chap's. */
export const format = v.literal(FORMAT)

/** job: whose failure asked (fail_fast); without it, a person or a program. */
export const asker = v.object({ user: v.string(), host: v.string(), pid: count, job: v.optional(v.string()) })

const argv = v.tupleWithRest([v.string()], v.string())
const hop = v.object({ argv, words: v.picklist(['argv', 'line']) })
/** Where a password comes from; never the password. */
const secret = v.variant('kind', [
  v.object({ kind: v.literal('none') }),
  v.object({ kind: v.literal('file'), path: v.string() }),
  v.object({ kind: v.literal('command'), command: v.string() }),
  v.object({ kind: v.literal('prompt') }),
])

/** Milliseconds; count null: until it is killed. */
const series = v.object({
  every: count,
  count: v.nullable(count),
  initial_delay: count,
  jitter: count,
  overrun: v.picklist(['skip', 'now']),
})

export const specRecord = v.object({
  format,
  id: v.string(),
  nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  name: v.nullable(v.string()),
  labels: v.record(v.string(), v.string()),
  host: v.nullable(v.string()),
  route: v.variant('kind', [
    v.object({ kind: v.literal('local') }),
    v.object({
      kind: v.literal('ssh'),
      destination: v.string(),
      options: v.array(v.string()),
      onward: v.optional(v.array(hop), []),
    }),
    v.object({ kind: v.literal('hops'), hops: v.tupleWithRest([hop], hop) }),
  ]),
  program,
  /** The file program.stdin grows while the job runs. */
  stdin_open: v.optional(v.boolean(), false),
  on_disconnect: v.picklist(['keep', 'kill']),
  plain: v.boolean(),
  lease: v.nullable(count),
  keepalive: v.object({ interval: count, count, eager: v.optional(v.boolean(), false) }),
  connect_timeout: count,
  /** Seconds, each null where there is no such limit. */
  give_up_after: v.optional(v.nullable(count), null),
  timeout: v.optional(v.nullable(count), null),
  idle_timeout: v.optional(v.nullable(count), null),
  ...outputLimit,
  /** Seconds from SIGTERM to SIGKILL when a timer ends the command. */
  grace: v.optional(count, 10),
  series: v.optional(v.nullable(series), null),
  remote_dir: v.nullable(v.string()),
  secret: v.optional(secret, { kind: 'none' }),
  share_connection: v.optional(v.boolean(), false),
  /** A line for sh -c on this machine, when the job has ended. */
  on_exit: v.optional(v.nullable(v.string()), null),
  callback: v.optional(v.nullable(callbackRecord), null),
  /** Jobs that were started together; index: from 0, in the order of their turns. */
  group: v.optional(
    v.nullable(
      v.object({
        id: v.string(),
        size: count,
        index: count,
        max_parallel: v.nullable(count),
        fail_fast: v.boolean(),
        retry_of: v.nullable(v.string()),
      }),
    ),
    null,
  ),
  /** The job whose command this is once more. */
  rerun_of: v.optional(v.nullable(v.string()), null),
  /** Each line is appended to it; null: nowhere. */
  log_file: v.optional(v.nullable(v.string()), null),
  /** Digests of what was asked by place, where the caller chose the id. */
  asked: v.optional(v.nullable(v.record(v.string(), v.string())), null),
  created: v.object({ time, host: v.string(), user: v.string() }),
})

export const outcome = v.variant('kind', [
  v.object({ kind: v.literal('exited'), code: count }),
  v.object({ kind: v.literal('signaled'), signal }),
  v.object({
    kind: v.literal('refused'),
    reason: v.picklist(['stopped', 'launch_interrupted', 'gave_up', ...PERMANENT]),
    evidence: v.string(),
  }),
  v.object({
    kind: v.literal('unknown'),
    reason: v.picklist([
      'rebooted',
      'supervisor_died',
      'directory_gone',
      'disconnected',
      'record_unreadable',
      'gave_up',
    ]),
    evidence: v.string(),
  }),
])

export const faultCodes = [
  'authentication',
  'host_key',
  'refused',
  'unknown_host',
  'unreachable',
  'timeout',
  'busy',
  'lost',
  'silent',
  'no_shell',
  'no_directory',
  'no_processes',
  'sudo_denied',
  'no_program',
  'superseded',
  'usage',
  'disk_full',
  'remote_disk_full',
  'no_holes',
] as const

export const endedBy = v.nullable(v.picklist(['exit', 'kill', 'lease', 'disconnect', 'timeout', 'idle', 'max_output']))

/** size: bytes at the end, null before; cksum: POSIX cksum, null before and where the remote has none. */
const stream = v.object({ size: v.nullable(count), cksum: v.nullable(count) })

export const stateRecord = v.object({
  format,
  id: v.string(),
  host: v.nullable(v.string()),
  state: v.picklist(['launching', 'running', 'reconnecting', 'ended']),
  outcome: v.nullable(outcome),
  /** Why there is no status: set when the outcome is refused or unknown. */
  exception: v.nullable(v.object({ code: v.string(), message: v.string() })),
  /** The shell's $?; which of "exited 137" and "killed by SIGKILL" it was, most shells can't tell. */
  status: v.nullable(count),
  return_code: v.nullable(count),
  signal: v.nullable(signal),
  ended_by: endedBy,
  chaperone_pid: v.nullable(count),
  pid: v.nullable(count),
  /** Seconds of CPU of the command and its waited-for children. */
  rusage: v.nullable(v.object({ utime: v.number(), stime: v.number() })),
  start_time: v.nullable(time),
  end_time: v.nullable(time),
  stdout: stream,
  stderr: stream,
  /** Bytes in the notes of a series' runs at the end; null before, and where there is no series. */
  runs_size: v.optional(v.nullable(count), null),
  /** A process left behind still held the streams at the end; what it wrote later is not kept. */
  late_output: v.boolean(),
  intent: v.variant('kind', [
    v.object({ kind: v.literal('run') }),
    v.object({ kind: v.literal('stop'), signal, grace: v.number(), by: asker, time }),
  ]),
  signals: v.array(v.object({ signal, by: asker, asked: time, sent: v.nullable(time) })),
  link: v.object({
    state: v.picklist(['connecting', 'up', 'down', 'closed']),
    generation: count,
    attempts: count,
    last_contact: v.nullable(time),
    lost_at: v.nullable(time),
    /** Seconds counted towards give_up_after. */
    tried: v.optional(count, 0),
    next_try: v.nullable(time),
    fault: v.nullable(v.object({ code: v.picklist(faultCodes), evidence: v.string() })),
  }),
  remote: v.object({
    /** The job's directory there is kept, whatever becomes of links: the launch may be asked for. */
    prepared: v.boolean(),
    /** It may be kept all the same: a link that was to have it prepared was lost. */
    doubtful: v.optional(v.boolean(), false),
    /** It is removed again. */
    collected: v.boolean(),
    boot_id: v.nullable(v.string()),
    session: v.nullable(v.string()),
  }),
  /** What is wrong with the disk that the spool is on; null: nothing. */
  disk: v.optional(v.nullable(v.object({ code: v.picklist(faultCodes), evidence: v.string() })), null),
  /** What stdin got after the start, in bytes: accepted, and delivered to the job's machine; null: nothing was sent. last: a request's id. */
  input: v.optional(
    v.nullable(v.object({ size: count, eof: v.boolean(), delivered: count, last: v.nullable(v.string()) })),
    null,
  ),
  updated: time,
})

export const requestRecord = v.variant('kind', [
  v.object({ format, kind: v.literal('stop'), signal, grace: v.number(), time, by: asker }),
  v.object({ format, kind: v.literal('signal'), signal, time, by: asker }),
  /** data: at most 64 KiB. Gone when it is answered: then the bytes are in the file `stdin`. */
  v.object({
    format,
    kind: v.literal('input'),
    data: v.pipe(v.string(), v.base64()),
    eof: v.boolean(),
    time,
    by: asker,
  }),
])

export const answerRecord = v.object({
  format,
  result: v.picklist(['stopping', 'pending', 'ended', 'accepted', 'closed', 'invalid']),
  time,
})

export const chaperoneRecord = v.object({
  format,
  host: v.string(),
  boot_id: v.string(),
  pid: count,
  start_time: v.string(),
  time,
})

/** The jobs that were started together, in their order. */
export const groupRecord = v.object({ format, id: v.string(), jobs: v.array(v.string()) })

export type SpecRecord = v.InferOutput<typeof specRecord>
export type StateRecord = v.InferOutput<typeof stateRecord>
