import { expect, test } from 'vitest'
import { startEagerness } from '../../../src/chaperone/eagerness.ts'
import type { Spec } from '../../../src/domain/spec.ts'

const MINUTE = 60_000

type Terms = Pick<Spec, 'keepalive' | 'lease' | 'onDisconnect' | 'plain'>

const terms: Terms = {
  keepalive: { interval: 15, count: 3, eager: true },
  lease: null,
  onDisconnect: 'keep',
  plain: false,
}

test('three links in ten minutes, and then keepalives decide for a while', () => {
  let now = 0
  const eagerness = startEagerness(terms, () => now)
  for (const minute of [0, 1, 2]) {
    now = minute * MINUTE
    const note = eagerness()
    expect(note).not.toBeNull()
    note?.()
  }
  now = 9 * MINUTE
  expect(eagerness()).toBeNull()
  now = 10 * MINUTE
  expect(eagerness()).not.toBeNull()
})

test.each<Partial<Terms>>([
  { keepalive: { interval: 15, count: 3 } },
  { lease: 60 },
  { onDisconnect: 'kill' },
  { plain: true },
])('never with %j', (more) => {
  expect(startEagerness({ ...terms, ...more }, () => 0)()).toBeNull()
})
