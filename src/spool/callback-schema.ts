/** The records of a callback. */
import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const seconds = v.pipe(v.number(), v.minValue(0))

/** What a try to send met. */
export const callbackFault = v.object({
  code: v.picklist(['refused', 'unavailable', 'unreachable', 'tls', 'timeout', 'lost', 'redirect', 'disagrees']),
  evidence: v.string(),
})

/** Where output and end are sent to, and how. The token is in the file `callback.token`. */
export const callbackRecord = v.object({
  url: v.string(),
  method: v.string(),
  ca: v.nullable(v.string()),
  retry_frequency: seconds,
  timeout: seconds,
  output_buffer: count,
  output_latency: seconds,
})

/** How far it is: `callback.json`. */
export const deliveryRecord = v.object({
  format: v.literal(1),
  result: v.picklist(['pending', 'delivered', 'undelivered']),
  /** Bytes that the receiver has acknowledged, at the least. */
  stdout: count,
  stderr: count,
  /** Tries in a row that came to nothing, the seconds that they took together, and what the last of them met. */
  failures: count,
  failing: seconds,
  fault: v.nullable(callbackFault),
  next_try: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
  updated: v.pipe(v.string(), v.isoTimestamp()),
})
export type DeliveryRecord = v.InferOutput<typeof deliveryRecord>
