// The records of the spool, by the name of their published JSON Schema.
import { toJsonSchema } from '@valibot/to-json-schema'
import { Ajv, type ValidateFunction } from 'ajv'
import { deliveryRecord } from '../../src/spool/callback-schema.ts'
import { environmentRecord } from '../../src/spool/environment.ts'
import { eventRecord, historyRecord, onExitClaimRecord, onExitRecord } from '../../src/spool/event-schema.ts'
import {
  answerRecord,
  chaperoneRecord,
  groupRecord,
  requestRecord,
  specRecord,
  stateRecord,
} from '../../src/spool/schema.ts'

export const records = {
  spec: specRecord,
  state: stateRecord,
  environment: environmentRecord,
  request: requestRecord,
  answer: answerRecord,
  chaperone: chaperoneRecord,
  event: eventRecord,
  'on-exit-claim': onExitClaimRecord,
  'on-exit': onExitRecord,
  delivery: deliveryRecord,
  group: groupRecord,
  history: historyRecord,
} as const

export type RecordName = keyof typeof records

/** As it is published. */
export const formatSchema = (name: RecordName): string => {
  const { $schema, ...schema } = toJsonSchema(records[name])
  return `${JSON.stringify({ $schema, title: `chap spool format 1: ${name}`, ...schema }, null, 2)}\n`
}

export const schemaUrl = (name: RecordName): URL =>
  new URL(`../../spool.example/schema/${name}.schema.json`, import.meta.url)

/** A validator that knows nothing of chap but the schema. */
export const compileSchema = (text: string): ValidateFunction => {
  const ajv = new Ajv({ strict: true, allErrors: true, strictTuples: false })
  ajv.addFormat('date-time', (value) => !Number.isNaN(Date.parse(value)))
  return ajv.compile(JSON.parse(text))
}
