/** What runs, in spec.json. */
import * as v from 'valibot'

export const program = v.object({
  /** Exactly one of argv and command is not null. */
  argv: v.nullable(v.tupleWithRest([v.string()], v.string())),
  command: v.nullable(v.string()),
  cwd: v.nullable(v.string()),
  /** Names only: the values, which may be secrets, are in the file `environment` until the job has ended. */
  env: v.record(v.string(), v.nullable(v.string())),
  /** Of what the machine gives: all, nothing, or these names. */
  inherit: v.optional(v.union([v.boolean(), v.array(v.string())]), true),
  unset: v.optional(v.array(v.string()), []),
  /** The file in the job's directory, or null for /dev/null. */
  stdin: v.nullable(v.string()),
})
