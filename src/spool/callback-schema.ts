/** The records of a callback. */
import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const seconds = v.pipe(v.number(), v.minValue(0))

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
