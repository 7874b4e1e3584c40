/** The values of a job's environment, apart from its spec: they may be secrets, and nobody needs them once the job has ended. */
import { rmSync } from 'node:fs'
import * as v from 'valibot'
import type { Spec } from '../domain/spec.ts'
import { type Read, readRecord } from './read-record.ts'
import { FORMAT, format } from './schema.ts'

/** The values of program.env. */
export const environmentRecord = v.object({ format, env: v.record(v.string(), v.string()) })

export const formatEnvironment = (env: Spec['env']): string => `${JSON.stringify({ format: FORMAT, env })}\n`

/** The spec with its values. A spec that asks for none has no such file. */
export const readEnvironment = (path: string, spec: Spec): Read<Spec> => {
  if (Object.values(spec.env).every((value) => value !== null)) return { ok: true, value: spec }
  const read = readRecord(path, environmentRecord)
  return read.ok ? { ok: true, value: { ...spec, env: { ...spec.env, ...read.value.env } } } : read
}

export const removeEnvironment = (path: string): void => rmSync(path, { force: true })
