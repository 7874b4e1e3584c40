import { expect, test } from 'vitest'
import { edgeOf, formatGaps, joinGap, parseGaps, widenGaps } from '../../../src/domain/gaps.ts'

const MAX = 65_536
const EDGE = 16_384

test('the edge is a quarter, in whole blocks', () => {
  expect([edgeOf(MAX), edgeOf(MAX + 16_383), edgeOf(MAX + 16_384)]).toEqual([EDGE, EDGE, EDGE + 4_096])
})

test('nothing is given up while all of it fits', () => {
  expect(widenGaps(MAX, { stdout: MAX, stderr: 0 }, {})).toBeNull()
  expect(widenGaps(MAX, { stdout: MAX / 2, stderr: MAX / 2 }, {})).toBeNull()
})

test('what is given up of one stream leaves room for as much again, and a short stream loses nothing', () => {
  const gaps = widenGaps(MAX, { stdout: MAX + 1, stderr: 100 }, {})
  expect(gaps).toEqual({ stdout: { from: EDGE, to: 3 * EDGE + 1 } })
  expect(widenGaps(MAX, { stdout: 6 * EDGE - 100, stderr: 100 }, gaps ?? {})).toBeNull()
  expect(widenGaps(MAX, { stdout: 6 * EDGE - 98, stderr: 100 }, gaps ?? {})?.stdout?.to).toBe(5 * EDGE - 98)
})

test('whatever the lengths: no more than the limit is kept, each edge is, and a gap only grows', () => {
  let gaps = {}
  let sizes = { stdout: 0, stderr: 0 }
  for (let step = 1; step < 2_000; step += 1) {
    sizes = { stdout: sizes.stdout + ((step * 7_919) % 9_000), stderr: sizes.stderr + (step % 3 === 0 ? step : 0) }
    const before = parseGaps(formatGaps(gaps))
    gaps = widenGaps(MAX, sizes, gaps) ?? gaps
    const now = parseGaps(formatGaps(gaps))
    let kept = 0
    for (const stream of ['stdout', 'stderr'] as const) {
      const gap = now[stream]
      kept += sizes[stream] - (gap === undefined ? 0 : gap.to - gap.from)
      if (gap === undefined) continue
      expect(gap.from).toBe(EDGE)
      expect(gap.to).toBeGreaterThanOrEqual(before[stream]?.to ?? 0)
      expect(sizes[stream] - gap.to).toBeGreaterThanOrEqual(EDGE)
    }
    expect(kept).toBeLessThanOrEqual(MAX)
  }
})

test('its lines are read as they are written, also from one line', () => {
  const gaps = { stdout: { from: 16_384, to: 9_007_199_254_740_000 }, stderr: { from: 4_096, to: 8_192 } }
  expect(formatGaps(gaps)).toBe('stdout 16384 9007199254723616\nstderr 4096 4096\n')
  expect(parseGaps(formatGaps(gaps))).toEqual(gaps)
  expect(parseGaps(formatGaps(gaps).replaceAll('\n', ' '))).toEqual(gaps)
  expect(parseGaps('')).toEqual({})
})

test('of two gaps in a stream nothing is kept that either gave up', () => {
  expect(joinGap(undefined, { from: 4, to: 9 })).toEqual({ from: 4, to: 9 })
  expect(joinGap({ from: 4, to: 8 }, { from: 4, to: 9 })).toEqual({ from: 4, to: 9 })
  expect(joinGap({ from: 4, to: 9 }, { from: 4, to: 8 })).toEqual({ from: 4, to: 9 })
})
