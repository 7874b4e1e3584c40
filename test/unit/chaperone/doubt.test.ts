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

/** Output at each look of `burst` ms, then none for `pause` ms, again and again. */
const bursts = (burst: number, pause: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => index * (burst + pause)).flatMap((start) =>
    Array.from({ length: burst / 100 }, (_, look) => start + 100 * (look + 1)),
  )

test('nor one that writes for a while now and then: the burst does not make its pauses forgotten', () => {
  const output = bursts(2_000, 8_000, 12)
  // The first pause is news.
  expect(asked(output, 119_000).filter((time) => time > 10_000)).toEqual([])
  // And after a long time of output a pause is news again.
  const long = [...output, ...bursts(60_000, 8_000, 1).map((time) => 120_000 + time)]
  expect(asked(long, 185_000).find((time) => time > 180_000)).toBeLessThan(182_000)
})

test('a hole in the network is not taken for the way of a job', () => {
  const output = [100, 200, 300, 120_000, 120_100]
  expect(asked(output, 181_000).filter((time) => time > 120_100)).toEqual([179_500])
})
