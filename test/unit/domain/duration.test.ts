/** Durations as people write them. */
import { expect, test } from 'vitest'
import { formatDuration, parseDuration, spellSeconds } from '../../../src/domain/duration.ts'

test.each([
  ['10', 10_000],
  ['10s', 10_000],
  ['500ms', 500],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['1d', 86_400_000],
  ['0', 0],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', 's', '-1', '1 s', '1w', '1e3', 'ten', '1s2', '99999999999999999d'])('%j is none', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test.each([
  [0, '0s'],
  [-5, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [7_200_000, '2h'],
  [172_800_000, '2d'],
])('%i ms are shown as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test.each([
  [1, '1s'],
  [90, '90s'],
  [600, '10m'],
  [5_400, '90m'],
  [7_200, '2h'],
  [172_800, '2d'],
])('%i seconds are exactly %s', (seconds, text) => {
  expect(spellSeconds(seconds)).toBe(text)
})
