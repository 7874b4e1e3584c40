/** Who looks after a job, told from what can be seen. */
import { expect, test } from 'vitest'
import { judge, type Signs } from '../../../src/domain/verdict.ts'

const signs: Signs = { phase: 'running', owner: 'alive', owned: true, queued: false, age: 60_000 }

test.each<[string, Partial<Signs>, string]>([
  ['its owner lives', {}, 'attended'],
  ['it ended', { phase: 'ended', owner: 'dead' }, 'ended'],
  ['its owner is gone', { owner: 'dead' }, 'orphaned'],
  ['its owner ran elsewhere', { owner: 'elsewhere' }, 'suspect'],
  ['it is new, and nobody took it up yet', { owner: 'dead', owned: false, age: 9_999, phase: 'launching' }, 'suspect'],
  ['nobody ever took it up', { owner: 'dead', owned: false, age: 10_000, phase: 'launching' }, 'orphaned'],
  ['it waits for its turn', { owner: 'dead', owned: false, queued: true, phase: 'launching' }, 'queued'],
  ['it began, and its turn is forgotten', { owner: 'dead', queued: true }, 'orphaned'],
  ['it waits, and somebody ends it', { owned: false, queued: true, phase: 'launching' }, 'attended'],
  ['the clock was set back', { owner: 'dead', owned: false, age: -5_000, phase: 'launching' }, 'orphaned'],
  ['a new one lost its owner', { owner: 'dead', age: 10 }, 'orphaned'],
  ['nothing can be read, but its owner lives', { phase: null, age: null }, 'attended'],
  ['nothing can be read', { phase: null, age: null, owner: 'dead', owned: false }, 'orphaned'],
])('%s', (_, over, verdict) => {
  expect(judge({ ...signs, ...over })).toBe(verdict)
})
