/** How much of a job's output is kept, in spec.json. */
import * as v from 'valibot'

export const outputLimit = {
  /** Bytes of both streams together; null: all. */
  max_output: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
  /** With more of them, keep: what lies between the streams' heads and ends is not kept. kill: the command is ended. */
  on_max_output: v.optional(v.picklist(['keep', 'kill']), 'keep'),
}
