// Seeds of a simulated world (CHAP_SEEDS, else 20,000): the real chaperone and the real watchers among faults of every kind. The law holds in each.
import { expect, test } from 'vitest'
import { play, describe as tell } from './play.mjs'

/** A night's run can begin elsewhere, and go on for longer. */
const SEEDS = Number(process.env['CHAP_SEEDS'] ?? 20_000)
const FROM = Number(process.env['CHAP_SEED'] ?? 0)

test(`the law holds in ${SEEDS} simulated worlds`, { timeout: 900_000 }, async () => {
  const { seeds, violations } = await play({ from: FROM, seeds: SEEDS })
  const [first] = violations
  expect(first === undefined ? '' : tell(first)).toBe('')
  expect(seeds).toBe(SEEDS)
})

test('a seed plays the same again', async () => {
  const [one, other] = [await play({ from: 7, seeds: 50 }), await play({ from: 7, seeds: 50 })]
  expect(one).toEqual(other)
})
