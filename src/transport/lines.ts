/** A stream of bytes, line by line. */
import type { Readable } from 'node:stream'

/** Longest piece kept of a line without end: rc files print what they like. */
const LONGEST = 1 << 20

export const onLines = (stream: Readable, onLine: (line: string) => void): void => {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(-LONGEST)
    for (const line of lines) onLine(line.replace(/\r$/, ''))
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
    rest = ''
  })
}
