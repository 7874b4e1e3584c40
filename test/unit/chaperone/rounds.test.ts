import { expect, test } from 'vitest'
import { untilAllLook } from '../../../src/chaperone/rounds.ts'

test('quiet chaperones look at the same moments, and none twice at one', () => {
  for (let now = 1_700_000_000_000; now < 1_700_000_008_000; now += 1) {
    const wait = untilAllLook(now)
    expect((now + wait) % 4_000).toBe(0)
    expect(wait).toBeGreaterThanOrEqual(2_000)
    expect(wait).toBeLessThan(6_000)
  }
})
