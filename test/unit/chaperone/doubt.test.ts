import { expect, test } from 'vitest'
import { startDoubt } from '../../../src/chaperone/doubt.ts'

/** Looks every 100 ms; output comes at these times. @returns when it was asked, in ms */
const asked = (output: readonly number[], until: number): number[] => {
  const isDoubtful = startDoubt()
  const times: number[] = []
  for (let now = 0, silence = 0; now <= until; now += 100) {
    silence = output.includes(now) ? 0 : silence + 100
    if (isDoubtful(silence)) times.push(now)
  }
  return times
}

const every = (ms: number, until: number): number[] =>
  Array.from({ length: until / ms }, (_, index) => ms * (index + 1))

test('what never said anything is not asked about', () => {
  expect(asked([], 100_000)).toEqual([])
})

test('one that falls silent is asked about, then ever more seldom', () => {
  expect(asked(every(100, 5_000), 60_000)).toEqual([6_000, 7_000, 9_000, 13_000, 21_000, 37_000])
})

test('one that writes now and then is not asked about before it is late', () => {
  expect(asked(every(5_000, 60_000), 69_700)).toEqual([])
  expect(asked(every(5_000, 60_000), 69_800)).toEqual([69_800])
})
