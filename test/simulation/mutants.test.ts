// The law finds every planted bug, and every bug that it found before. How soon is told, so that a search that grows blind is seen.
import { expect, test } from 'vitest'
import { MUTANTS } from './mutants.mjs'
import { play } from './play.mjs'

/** Seeds in which a bug must show itself. */
const WITHIN = 10_000

test.for(MUTANTS)('found: $name', { timeout: 600_000 }, async (mutant) => {
  const { violations } = await play({ from: 0, seeds: WITHIN, mutant, focus: mutant.focus ?? {}, workers: 1 })
  const [first] = violations
  expect(first, `within ${WITHIN} seeds`).toBeDefined()
  console.log(`${mutant.name}: after ${(first?.seed ?? 0) + 1} seeds: ${first?.law}`)
})
