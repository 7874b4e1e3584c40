// A first look at the simulated world (the real chaperone and the real watchers among faults of every kind), and that it can be looked at
// again. `npm run check` plays 100,000 seeds beforehand, with both cores to itself: `npm run simulate -- --seeds N --from S`.
import { expect, test } from 'vitest'
import { play, describe as tell } from './play.mjs'

const SEEDS = 2_000

test(`the law holds in ${SEEDS} simulated worlds`, { timeout: 120_000 }, async () => {
  const { seeds, violations } = await play({ from: 0, seeds: SEEDS })
  const [first] = violations
  expect(first === undefined ? '' : tell(first)).toBe('')
  expect(seeds).toBe(SEEDS)
})

test('a seed plays the same again', async () => {
  const [one, other] = [await play({ from: 7, seeds: 50 }), await play({ from: 7, seeds: 50 })]
  expect(one).toEqual(other)
})
