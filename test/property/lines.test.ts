/** Lines are the same however the bytes come in, and together they are the stream. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LineKind, LONGEST_LINE, splitLines } from '../../src/domain/lines.ts'

interface Line {
  readonly text: string
  readonly offset: number
  readonly kind: LineKind
}

const FROM = 1_000

const split = (chunks: readonly Uint8Array[]): { lines: Line[]; offset: number } => {
  const lines: Line[] = []
  const splitter = splitLines(FROM)
  const onLine = (bytes: Uint8Array, start: number, end: number, offset: number, kind: LineKind): void => {
    lines.push({ text: Buffer.from(bytes.subarray(start, end)).toString('latin1'), offset, kind })
  }
  for (const chunk of chunks) splitter.take(chunk, onLine)
  splitter.end(onLine)
  return { lines, offset: splitter.offset() }
}

/** The rules, said once more and slowly. */
const expectLines = (text: string): Line[] => {
  const lines: Line[] = []
  let offset = FROM
  const bodies = text.split('\n')
  for (const [index, whole] of bodies.entries()) {
    const isLast = index === bodies.length - 1
    let body = whole
    while (body.length > LONGEST_LINE) {
      lines.push({ text: body.slice(0, LONGEST_LINE), offset, kind: 'part' })
      body = body.slice(LONGEST_LINE)
      offset += LONGEST_LINE
    }
    if (!isLast) lines.push({ text: body.replace(/\r$/, ''), offset, kind: 'whole' })
    else if (body !== '') lines.push({ text: body, offset, kind: 'last' })
    offset += body.length + 1
  }
  return lines
}

const cut = (bytes: Buffer, at: readonly number[]): Buffer[] => {
  const places = [0, ...at.map((one) => one % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

const cuts = fc.array(fc.nat(), { maxLength: 40 })

test('in arbitrary chunks: the lines that the rules say, at true offsets', () => {
  // Few kinds of bytes, so that ends of lines and what is no UTF-8 are everywhere.
  const piece = fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', '\r\r\n', '\n\n', '\xff', '\xc3', '\xa4', '\0')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), cuts, (pieces, places) => {
      const text = pieces.join('')
      const { lines, offset } = split(cut(Buffer.from(text, 'latin1'), places))
      expect(lines).toEqual(expectLines(text))
      expect(offset).toBe(FROM + text.length)
      for (const line of lines)
        expect(text.slice(line.offset - FROM).startsWith(line.text), `the line at ${line.offset}`).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('in arbitrary chunks: long lines come in parts of a mebibyte, cut at the same places', () => {
  const sizes = fc.constantFrom(
    0,
    1,
    LONGEST_LINE - 1,
    LONGEST_LINE,
    LONGEST_LINE + 1,
    2 * LONGEST_LINE,
    2 * LONGEST_LINE + 1,
  )
  const line = fc.tuple(sizes, fc.constantFrom('\n', '\r\n', '')).map(([size, end]) => 'x'.repeat(size) + end)
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), cuts, (texts, places) => {
      const text = texts.join('')
      const { lines } = split(cut(Buffer.from(text, 'latin1'), places))
      // Not toEqual on megabytes: its report would be of as many.
      const wanted = expectLines(text)
      expect(lines.map(({ text: { length }, ...rest }) => ({ ...rest, length }))).toEqual(
        wanted.map(({ text: { length }, ...rest }) => ({ ...rest, length })),
      )
      expect(lines.every((one, index) => one.text === wanted[index]?.text)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a line that grows byte by byte costs no more than its bytes', () => {
  const lines = splitLines(0)
  const seen: number[] = []
  const byte = Buffer.from('x')
  const start = performance.now()
  for (let count = 0; count < LONGEST_LINE; count += 1) lines.take(byte, () => seen.push(-1))
  lines.take(Buffer.from('\n'), (_, from, to) => seen.push(to - from))
  expect(seen).toEqual([LONGEST_LINE])
  // Copied anew at each byte it would be 500 GB.
  expect(performance.now() - start).toBeLessThan(10_000)
})
