// What the program writes: bytes that tell every offset of both streams from every other.
import type { Stream } from '../../src/spool/timeline.ts'
import { startRandom } from './random.ts'

/** More than any program here writes to one stream. */
const LONGEST = 1 << 18

const table = ((): Uint8Array => {
  const random = startRandom(1)
  return Uint8Array.from({ length: 2 * LONGEST }, () => random.int(256))
})()

export const contentOf = (stream: Stream, from: number, to: number): Uint8Array => {
  if (to > LONGEST) throw new RangeError('the program writes more than it may')
  const start = stream === 'stdout' ? 0 : LONGEST
  return table.subarray(start + from, start + to)
}
