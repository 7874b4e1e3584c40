/** Lines are whole however the bytes come in. */
import { expect, test } from 'vitest'
import { sinkLines } from '../../../src/cli/line-sink.ts'

const cut = async (parts: readonly string[]): Promise<string> => {
  let text = ''
  const out = {
    write: (bytes: Uint8Array) => {
      text += Buffer.from(bytes).toString()
      return Promise.resolve(true)
    },
  }
  const lines = sinkLines(out, (line, offset) => `${offset}:${line.toString()}\n`, 100)
  for (const part of parts) await lines.write(Buffer.from(part))
  await lines.end()
  return text
}

test('CRLF is LF, and a last line without its end is shown', async () => {
  const whole = 'one\r\ntwo\n\nthree\rx\nlast'
  const shown = '100:one\n105:two\n109:\n110:three\rx\n118:last\n'
  expect(await cut([whole])).toBe(shown)
  expect(await cut([...whole])).toBe(shown)
})

test('nothing is nothing', async () => {
  expect(await cut([])).toBe('')
  expect(await cut(['a\n'])).toBe('100:a\n')
})
