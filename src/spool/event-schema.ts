/** The lines of a job's `events` and of the spool's `history`, as they lie on disk. */
import * as v from 'valibot'
import { asker, count, endedBy, faultCodes, format, outcome, signal, time } from './schema.ts'

const fault = v.object({ code: v.picklist(faultCodes), evidence: v.string() })

/** One line of a job's `events`. */
export const eventRecord = v.variant('event', [
  v.object({ time, event: v.literal('created') }),
  v.object({ time, event: v.literal('recovered'), chaperone: count }),
  v.object({ time, event: v.literal('started'), pid: v.nullable(count), start_time: v.nullable(time) }),
  v.object({ time, event: v.literal('connect_failed'), attempt: count, fault }),
  v.object({ time, event: v.literal('link_lost'), lost_at: time, fault: v.nullable(fault) }),
  v.object({ time, event: v.literal('link_restored') }),
  v.object({ time, event: v.literal('disk_full'), fault }),
  v.object({ time, event: v.literal('disk_free') }),
  v.object({ time, event: v.literal('signal_asked'), number: count, signal, by: asker, asked: time }),
  v.object({ time, event: v.literal('signal_sent'), number: count, signal, sent: time }),
  v.object({
    time,
    event: v.literal('ended'),
    outcome,
    exit_status: v.nullable(count),
    ended_by: endedBy,
    end_time: v.nullable(time),
    sizes: v.nullable(v.object({ stdout: count, stderr: count })),
  }),
  v.object({ time, event: v.literal('collected') }),
])

/** One line of the spool's `history`: an end that was not well, of a job or of one run of it, kept when the job was removed. */
export const historyRecord = v.object({
  format,
  time,
  job: v.string(),
  nonce: v.string(),
  name: v.nullable(v.string()),
  host: v.nullable(v.string()),
  /** null: the job itself. Of missed runs the first. */
  run: v.nullable(count),
  /** An outcome's kind, which timer it was, missed, or lost. */
  how: v.string(),
  /** A signal, or a reason. */
  detail: v.nullable(v.string()),
  exit_status: v.nullable(count),
  /** As in spec.json. */
  argv: v.nullable(v.array(v.string())),
  command: v.nullable(v.string()),
})
