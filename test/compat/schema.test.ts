// The published JSON Schemas are what src/spool/schema.ts says. `npm run schemas` writes them anew.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compileSchema, formatSchema, type RecordName, records, schemaUrl } from './schemas.ts'

const names = Object.keys(records) as RecordName[]

test.each(names)('%s.schema.json is up to date', async (name) => {
  await expect(formatSchema(name)).toMatchFileSnapshot(fileURLToPath(schemaUrl(name)))
})

test.each(names)('%s.schema.json refuses an empty record', (name) => {
  expect(compileSchema(formatSchema(name))({})).toBe(false)
})

test('a schema names every signal, and no other', () => {
  const request = {
    format: 1,
    kind: 'signal',
    time: '2026-01-01T00:00:00.000Z',
    by: { user: 'ada', host: 'laptop', pid: 1 },
  }
  const validate = compileSchema(formatSchema('request'))
  expect(validate({ ...request, signal: 'SIGUSR1' })).toBe(true)
  expect(validate({ ...request, signal: 'USR1' })).toBe(false)
  expect(validate({ ...request, signal: 10 })).toBe(false)
})

test('a schema passes over fields that it does not know', () => {
  const validate = compileSchema(formatSchema('answer'))
  expect(validate({ format: 1, result: 'pending', time: '2026-01-01T00:00:00.000Z', later: { more: [] } })).toBe(true)
})
