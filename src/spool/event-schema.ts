/** The records of what happens to a job: the lines of its `events` and of the spool's `history`, and of the command of --on-exit. */
import * as v from 'valibot'
import { callbackFault } from './callback-schema.ts'
import { asker, count, endedBy, faultCodes, format, outcome, signal, time } from './schema.ts'

const fault = v.object({ code: v.picklist(faultCodes), evidence: v.string() })

/** How the command of on_exit ended. */
const onExitEnd = {
  result: v.picklist(['exited', 'killed', 'timed_out', 'failed', 'unknown']),
  exit_status: v.nullable(count),
  signal: v.nullable(v.string()),
  message: v.nullable(v.string()),
}

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
  v.object({ time, event: v.literal('on_exit_ended'), ...onExitEnd }),
  v.object({ time, event: v.literal('delivered') }),
  v.object({ time, event: v.literal('undelivered'), fault: v.nullable(callbackFault) }),
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

/** Made exclusively before the command of on_exit is run, so that nobody runs it again. chaperone: the number of the one that runs it. */
export const onExitClaimRecord = v.object({ format, chaperone: count, time })

/** Its end. end_time: null where nobody saw it. */
export const onExitRecord = v.object({ format, ...onExitEnd, start_time: v.nullable(time), end_time: v.nullable(time) })

export type OnExitRecord = v.InferOutput<typeof onExitRecord>
