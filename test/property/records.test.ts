// What is written is what is read, for whatever job; and what can't be read is never an exception nor a guess.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatState, readState } from '../../src/spool/state.ts'
import { formatMark, parseMarks } from '../../src/spool/timeline.ts'
import { compileSchema, formatSchema } from '../compat/schemas.ts'
import { anyJob, anyText, anyTime } from './jobs.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'chap-t-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const read = (text: string | Uint8Array): ReturnType<typeof readState> => {
  writeFileSync(join(dir, 'state.json'), text)
  return readState(join(dir, 'state.json'))
}

const around = fc.record({ id: anyText, host: fc.option(anyText), chaperonePid: fc.option(fc.nat()), now: anyTime })
const validate = compileSchema(formatSchema('state'))

test('a state is read as it was written, and is as the published schema says', () => {
  fc.assert(
    fc.property(anyJob, around, (job, beside) => {
      const text = formatState(job, beside)
      expect(read(text)).toEqual({ ok: true, value: { job, chaperonePid: beside.chaperonePid, updated: beside.now } })
      expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a state that was cut is damaged, wherever it was', () => {
  fc.assert(
    fc.property(anyJob, around, fc.double({ min: 0, max: 0.999, noNaN: true }), (job, beside, where) => {
      const bytes = Buffer.from(formatState(job, beside).trimEnd())
      expect(read(bytes.subarray(0, Math.floor(bytes.length * where)))).toMatchObject({ fault: { code: 'damaged' } })
    }),
  )
})

test('any JSON at all is read without an exception, and is no state', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(read(text).ok).toBe(false)
    }),
  )
})

test('any bytes at all are read without an exception, and are no state', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(read(bytes).ok).toBe(false)
    }),
  )
})

const mark = fc.record({
  time: fc.integer({ min: 0, max: 253_402_300_799_999 }),
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  size: fc.maxSafeNat(),
})

test('marks are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(mark), (marks) => {
      expect(parseMarks(marks.map(formatMark).join(''))).toEqual(marks)
    }),
  )
})

test('lines that are no marks are passed over, and harm no other', () => {
  const noise = fc.string({ unit: 'binary' }).filter((line) => !/[\n]|^\S+ std(out|err) \d+$/.test(line))
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          mark.map(formatMark),
          noise.map((line) => `${line}\n`),
        ),
      ),
      noise,
      (lines, tail) => {
        const good = lines.filter((line) => parseMarks(line).length === 1)
        expect(parseMarks(lines.join('') + tail).map(formatMark)).toEqual(good)
      },
    ),
  )
})
