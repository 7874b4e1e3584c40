import { expect, test } from 'vitest'
import { startListening } from '../../../src/transport/listening.ts'

const makeLink = () => {
  const link = {
    awaited: null as number | null,
    resends: undefined as number | undefined,
    reads: 0,
    asked: [] as string[],
    silent: [] as string[],
  }
  const control = {
    awaited: () => link.awaited,
    ask: (verb: string) => {
      link.asked.push(verb)
      link.awaited = link.asked.length
      return new Promise<never>(() => undefined)
    },
  }
  const resends = (): number | undefined => {
    link.reads += 1
    return link.resends
  }
  return { link, listen: startListening(control, resends, (evidence) => link.silent.push(evidence)) }
}

test('asks only where there is reason to, and what was answered is not looked after', () => {
  const { link, listen } = makeLink()
  expect(listen(false)).toBe(false)
  expect(link.asked).toEqual([])
  expect(listen(true)).toBe(true)
  expect(link.asked).toEqual(['beat'])
  link.awaited = null
  expect(listen(false)).toBe(false)
  expect(link.reads).toBe(0)
})

test('a question that the network took is not looked after any more, however slow the answer; the next one is', () => {
  const { link, listen } = makeLink()
  expect(listen(true)).toBe(true)
  expect([listen(false), listen(false), listen(false)]).toEqual([false, false, false])
  expect(link.reads).toBe(1)
  expect(listen(true)).toBe(true)
  link.resends = 3
  expect([listen(false), listen(false)]).toEqual([true, true])
  expect(link.silent).toEqual(['the network takes nothing: it was sent again 3 times'])
})

test('whatever waits for an answer is looked after, and what was sent again last has time to be heard', () => {
  const { link, listen } = makeLink()
  link.awaited = 7
  for (const resends of [0, 1, 2, 3]) {
    link.resends = resends
    expect(listen(false)).toBe(true)
  }
  link.resends = 0
  expect(listen(false)).toBe(true)
  link.resends = 3
  expect(listen(false)).toBe(true)
  expect(link.silent).toEqual([])
  link.resends = 4
  expect(listen(false)).toBe(true)
  expect(link.silent).toEqual(['the network takes nothing: it was sent again 4 times'])
})

test('resends of which nobody waits for an answer say nothing', () => {
  const { link, listen } = makeLink()
  link.resends = 9
  expect([listen(false), listen(false)]).toEqual([false, false])
  expect(link.silent).toEqual([])
})
