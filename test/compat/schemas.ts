// The records of the spool, and the document that asks for a job, by the name of their published JSON Schema.
import { toJsonSchema } from '@valibot/to-json-schema'
import { Ajv, type ValidateFunction } from 'ajv'
import { documentSchema } from '../../src/library/document-schema.ts'
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
  program: documentSchema,
} as const

export type RecordName = keyof typeof records

/** As it is published. */
export const formatSchema = (name: RecordName): string => {
  // A document's objects are checked for lists first, and checks are said by their metadata.
  const { $schema, ...schema } = toJsonSchema(records[name], { typeMode: 'output', ignoreActions: ['check'] })
  const title = name === 'program' ? 'chap: a job by document' : `chap spool format 1: ${name}`
  return `${JSON.stringify({ $schema, title, ...schema }, null, 2)}\n`
}

export const schemaUrl = (name: RecordName): URL =>
  new URL(`../../spool.example/schema/${name}.schema.json`, import.meta.url)

/** A validator that knows nothing of chap but the schema. */
export const compileSchema = (text: string): ValidateFunction => {
  const ajv = new Ajv({ strict: true, allErrors: true, strictTuples: false })
  ajv.addFormat('date-time', (value) => !Number.isNaN(Date.parse(value)))
  return ajv.compile(JSON.parse(text))
}
