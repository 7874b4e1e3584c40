// Quoting loses nothing, and no line, however broken, is read as an end that nobody recorded.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoff } from '../../src/domain/backoff.ts'
import { parseLine, parseReport } from '../../src/transport/protocol.ts'
import { fromOctal, quoteWord, runBySh, toOctal } from '../../src/transport/quote.ts'
import { hostileWords } from '../rig/hostile.ts'

const text = fc.string({ unit: 'grapheme' })
/** What an argument can hold: anything but NUL. */
const word = fc
  .oneof(text, fc.string({ unit: 'binary' }), fc.constantFrom(...hostileWords))
  .map((one) => one.replaceAll('\0', ''))

/** Many words at once: a process each would be slow. */
const words = fc.array(word, { minLength: 1, maxLength: 50 })
const asPrinted = (all: readonly string[]): string => all.map((one) => `${one}\0`).join('')

test('octal text is what printf reads as the text', () => {
  fc.assert(
    fc.property(words, (all) => {
      const script = `for a do printf %b "$a"; printf '\\0'; done`
      expect(execFileSync('sh', ['-c', script, 'sh', ...all.map(toOctal)], { encoding: 'utf8' })).toBe(asPrinted(all))
    }),
    { numRuns: 50 },
  )
})

test("od's digits are read as the text", () => {
  fc.assert(
    fc.property(words, (all) => {
      const input = asPrinted(all)
      expect(fromOctal(execFileSync('sh', ['-c', "od -An -v -to1 | tr -d '\\n '"], { input, encoding: 'utf8' }))).toBe(
        input,
      )
    }),
    { numRuns: 50 },
  )
})

test('sh reads a quoted word as it was', () => {
  fc.assert(
    fc.property(words, (all) => {
      const script = `printf '%s\\0' ${all.map(quoteWord).join(' ')}`
      expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(asPrinted(all))
    }),
  )
})

test('sh reads a script in octal as it was', () => {
  fc.assert(
    fc.property(words, (all) => {
      const line = runBySh(`printf '%s\\0' ${all.map(quoteWord).join(' ')}`)
      expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).toBe(asPrinted(all))
    }),
    { numRuns: 50 },
  )
})

const NONCE = '0123456789abcdef'
const whole = `ended group=0 pid=4242 session=setsid chap-exit 1 nonce=${NONCE} status=3 why=exit late=0 start=1772366401.000 end=1772366405.500 stdout 3015617425 6 stderr 4294967295 0 0m0.00s 0m0.00s 0m0.10s 0m0.02s 0m0.00s 0m0.00s 0m1.35s 0m0.52s end ${NONCE}`

const parse = (line: string): ReturnType<typeof parseReport> => {
  const [verb = '', ...rest] = line.split(' ')
  return parseReport(verb, rest, NONCE, false)
}

test('a whole record is read', () => {
  const record = {
    status: 3,
    why: 'exit',
    late: false,
    sizes: { stdout: 6, stderr: 0 },
    cpu: { user: 1.25, system: 0.5 },
  }
  expect(parse(whole)).toMatchObject({ kind: 'ended', record, begun: { pid: 4242 }, groupAlive: false })
})

test('no line of any words is an end, for it would need the nonce', () => {
  const vocabulary = fc.constantFrom(
    ...whole.split(' ').filter((one) => !one.includes(NONCE)),
    'lost',
    'running',
    'absent',
    'gone',
  )
  const anyWords = fc.array(fc.oneof(vocabulary, text), { maxLength: 30 })
  fc.assert(
    fc.property(anyWords, (all) => {
      expect(parse(all.join(' ')).kind).not.toBe('ended')
    }),
    { numRuns: 2_000 },
  )
})

test('a record that was cut anywhere is unreadable', () => {
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 1 }), (length) => {
      expect(parse(whole.slice(0, length)).kind).toBe('unreadable')
    }),
  )
})

test('a record that lost words has the status that was written, or none', () => {
  fc.assert(
    fc.property(fc.subarray(whole.split(' ')), (left) => {
      const report = parse(left.join(' '))
      expect(report.kind === 'ended' ? report.record.status : 3).toBe(3)
    }),
    { numRuns: 2_000 },
  )
})

test('numbers that are none make no record', () => {
  const bad = fc.constantFrom('', 'x', '1e3', '-1', '1.5.', 'NaN', 'Infinity', '0x10', '9'.repeat(400))
  fc.assert(
    fc.property(
      bad,
      fc.constantFrom('status=3', 'start=1772366401.000', 'end=1772366405.500', '3015617425 6', '4294967295 0'),
      (value, place) => {
        const broken = place.replace(/[\d.]+$/, value)
        expect(parse(whole.replace(place, broken)).kind, broken).toBe('unreadable')
      },
    ),
    { numRuns: 500 },
  )
})

test("any line is parsed without an exception, and only one with the nonce is the launcher's", () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (line) => {
      expect(parseLine(line, NONCE)).toBeUndefined()
      expect(parseLine(`CHAP1 ${NONCE} 1 ${line}`, NONCE)?.number ?? 1).toBe(1)
    }),
  )
})

test('back-off is within its bounds: never above 15 s, nor above what the tries so far allow', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const ms = backoff(attempt, random)
        expect(Number.isInteger(ms)).toBe(true)
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(Math.min(15_000, 1_000 * 2 ** (attempt - 1)))
      },
    ),
  )
})
