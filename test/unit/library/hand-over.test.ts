/** Values pass from hand to hand: never more than one is on its way, and whoever leaves ends the giving. */
import { expect, test } from 'vitest'
import { handOver, type Put } from '../../../src/library/hand-over.ts'

/** Gives the numbers from 1 on, and says what it came to know. */
const counting = () => {
  const seen = { offered: 0, taken: 0, refused: 0, isOver: false, wasAborted: false }
  const give = async (put: Put<number>, signal: AbortSignal): Promise<void> => {
    for (;;) {
      seen.offered += 1
      if (await put(seen.offered)) {
        seen.taken += 1
        continue
      }
      seen.refused += 1
      break
    }
    seen.wasAborted = signal.aborted
    seen.isOver = true
  }
  return { seen, give }
}

test('nothing is given before the first value is asked for, and nothing ahead of what is asked for', async () => {
  const { seen, give } = counting()
  const values = handOver(give)
  expect(seen.offered).toBe(0)
  expect((await values.next()).value).toBe(1)
  expect(seen).toMatchObject({ offered: 1, taken: 0 })
  expect((await values.next()).value).toBe(2)
  expect(seen).toMatchObject({ offered: 2, taken: 1 })
  await values.return(undefined)
  expect(seen).toEqual({ offered: 2, taken: 1, refused: 1, isOver: true, wasAborted: true })
})

test('a loop that is left has waited for the giving to clean up', async () => {
  let isCleanedUp = false
  const values = handOver<number>(async (put, signal) => {
    await put(1)
    expect(signal.aborted).toBe(true)
    await new Promise(setImmediate)
    isCleanedUp = true
  })
  for await (const value of values) {
    expect(value).toBe(1)
    break
  }
  expect(isCleanedUp).toBe(true)
})

test("the caller's signal ends a loop that waits, and is not listened to any more", async () => {
  const controller = new AbortController()
  const listeners: string[] = []
  const listened = new Proxy(controller.signal, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (name === 'addEventListener' || name === 'removeEventListener') listeners.push(name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const values = handOver<number>(
    (_put, stop) => new Promise((resolve) => stop.addEventListener('abort', () => resolve())),
    listened,
  )
  const next = values.next()
  controller.abort()
  expect(await next).toEqual({ value: undefined, done: true })
  expect(listeners).toEqual(['addEventListener', 'removeEventListener'])
})

test('a signal that was aborted before gives nothing', async () => {
  const { seen, give } = counting()
  const got: number[] = []
  for await (const value of handOver(give, AbortSignal.abort())) got.push(value)
  expect(got).toEqual([])
  expect(seen).toMatchObject({ refused: 1, isOver: true })
})

test('what the giving throws is thrown into the loop, after what was given', async () => {
  const got: number[] = []
  const read = async (): Promise<void> => {
    for await (const value of handOver<number>(async (put) => {
      await put(1)
      throw new Error('a defect')
    }))
      got.push(value)
  }
  await expect(read()).rejects.toThrow('a defect')
  expect(got).toEqual([1])
})
