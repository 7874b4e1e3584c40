import { expect, test } from 'vitest'
import { startListening } from '../../../src/transport/listening.ts'

const makeLink = () => {
  const link = { isAwaiting: false, resends: 0, asked: [] as string[], silent: [] as string[] }
  const control = {
    isAwaiting: () => link.isAwaiting,
    ask: (verb: string) => {
      link.asked.push(verb)
      link.isAwaiting = true
      return new Promise<never>(() => undefined)
    },
  }
  const listen = startListening(
    control,
    () => link.resends,
    (evidence) => link.silent.push(evidence),
  )
  return { link, listen }
}

test('asks once, and only where there is reason to', () => {
  const { link, listen } = makeLink()
  expect(listen(false)).toBe(false)
  expect(link.asked).toEqual([])
  expect(listen(true)).toBe(true)
  expect(listen(true)).toBe(true)
  expect(link.asked).toEqual(['beat'])
  link.isAwaiting = false
  expect(listen(false)).toBe(false)
})

test('whatever waits for an answer is looked after, and a slow answer is no silence', () => {
  const { link, listen } = makeLink()
  link.isAwaiting = true
  for (link.resends = 0; link.resends < 3; link.resends += 1) expect(listen(false)).toBe(true)
  expect(link.silent).toEqual([])
  expect(listen(false)).toBe(true)
  expect(link.silent).toEqual(['the network takes nothing: it was sent again 3 times'])
})

test('resends of which nobody waits for an answer say nothing', () => {
  const { link, listen } = makeLink()
  link.resends = 9
  expect(listen(false)).toBe(false)
  expect(link.silent).toEqual([])
})
