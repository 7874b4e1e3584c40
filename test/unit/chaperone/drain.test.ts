import { expect, test } from 'vitest'
import { startDrain } from '../../../src/chaperone/drain.ts'
import type { World } from '../../../src/chaperone/world.ts'

/** Drains a stream that has `sizeAt(ms)` bytes, up to so many. @returns when the end was seen, and how often it looked */
const drain = (upTo: number, sizeAt: (ms: number) => number): { readonly end: number; readonly looks: number } => {
  let now = 0
  let looks = 0
  let due: (() => void) | undefined
  let end: number | undefined
  const world = {
    sizes: () => {
      looks += 1
      return { stdout: Math.min(upTo, Math.floor(sizeAt(now))), stderr: 0 }
    },
    after: (ms: number, callback: () => void) => {
      due = () => {
        now += ms
        callback()
      }
      return () => undefined
    },
    logRest: () => 'done',
    mark: () => undefined,
  } as unknown as World
  const isHeld = (): boolean => false
  startDrain(
    world,
    { stdout: upTo, stderr: 0 },
    () => true,
    isHeld,
    () => {
      end = now
    },
  )
  while (end === undefined && due !== undefined) due()
  return { end: end ?? Number.NaN, looks }
}

test('the end of a gigabyte is seen within 2 ms of its last byte, with few looks', () => {
  const perMs = 118_000
  for (const upTo of [1e6, 1e7, 1e8 + 7, 1e9 + 12_345]) {
    const { end, looks } = drain(upTo, (ms) => ms * perMs)
    expect(end - upTo / perMs).toBeLessThan(2)
    expect(looks).toBeLessThan(15 + upTo / perMs / 50)
  }
})

test('what comes in bursts is seen 50 ms later at the most', () => {
  const { end } = drain(1e6, (ms) => Math.floor(ms / 300) * 1e5)
  expect(end).toBeGreaterThanOrEqual(3_000)
  expect(end).toBeLessThanOrEqual(3_050)
})

test('what does not come any more is waited for no longer than two minutes', () => {
  const { end, looks } = drain(1e6, (ms) => Math.min(5e5, ms * 1e4))
  expect(end).toBeGreaterThan(120_000)
  expect(end).toBeLessThan(120_200)
  expect(looks).toBeLessThan(2_500)
})
