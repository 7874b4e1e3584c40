/** What is shown of lines is written whole, however the bytes come in. */
import { expect, test } from 'vitest'
import { sinkLines } from '../../../src/cli/line-sink.ts'

const cut = async (parts: readonly string[], isStrict = false): Promise<string[]> => {
  const written: string[] = []
  const out = {
    write: (bytes: Uint8Array) => {
      written.push(Buffer.from(bytes).toString())
      return Promise.resolve(true)
    },
  }
  const lines = sinkLines(
    out,
    (page, bytes, start, end, offset) => {
      page.putAll(Buffer.from(`${offset}:`))
      page.put(bytes, start, end)
      page.putAll(Buffer.from('\n'))
    },
    { from: 100, isStrict },
  )
  for (const part of parts) await lines.write(Buffer.from(part))
  await lines.end()
  return written
}

test('CRLF is LF, and a last line without its end is shown', async () => {
  const whole = 'one\r\ntwo\n\nthree\rx\nlast'
  const shown = '100:one\n105:two\n109:\n110:three\rx\n118:last\n'
  expect((await cut([whole])).join('')).toBe(shown)
  expect((await cut([...whole])).join('')).toBe(shown)
})

test('lines that came together are written at once, and never a piece of one', async () => {
  expect(await cut(['a\nb\nc', 'd\n', 'e\n'])).toEqual(['100:a\n102:b\n', '104:cd\n', '107:e\n'])
})

test('strict: a last line without its end is not shown', async () => {
  expect(await cut(['a\nb'], true)).toEqual(['100:a\n'])
})

test('nothing is nothing', async () => {
  expect(await cut([])).toEqual([])
  expect(await cut(['a\n'])).toEqual(['100:a\n'])
})

test('a page takes more than it had room for', async () => {
  const line = 'x'.repeat(700_000)
  expect(await cut([`${line}\n${line}\n`])).toEqual([`100:${line}\n700101:${line}\n`])
})
