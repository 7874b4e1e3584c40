import { expect, test } from 'vitest'
import { startPatience } from '../../../src/chaperone/patience.ts'
import type { Fault } from '../../../src/domain/fault.ts'

const timeout: Fault = { code: 'timeout', evidence: 'ssh: connect to host gpu1 port 22: Connection timed out' }

test('a machine that was never reached gets all the time that was given', () => {
  const patience = startPatience(20)
  patience.failed(timeout)
  expect(patience.seconds()).toBe(20)
})

test('one that was reached soon is tried in short tries, and each eighth is longer', () => {
  const patience = startPatience(20)
  patience.reached(300)
  const tries = Array.from({ length: 9 }, () => {
    const seconds = patience.seconds()
    patience.failed(timeout)
    return seconds
  })
  expect(tries).toEqual([2, 2, 2, 2, 2, 2, 2, 4, 2])
  for (let failures = tries.length; failures < 60; failures += 1) patience.failed(timeout)
  expect(patience.seconds()).toBe(20)
})

test('none is shorter than what it took, nor longer than what was given', () => {
  const patience = startPatience(20)
  patience.reached(3_400)
  expect(patience.seconds()).toBe(4)
  patience.reached(25_000)
  expect(patience.seconds()).toBe(20)
  const hasty = startPatience(1)
  hasty.reached(10)
  expect(hasty.seconds()).toBe(1)
})

test.each<Fault>([
  { code: 'timeout', evidence: 'Connection timed out during banner exchange' },
  { code: 'busy', evidence: 'kex_exchange_identification: Connection closed by remote host' },
])('one that is there and busy is waited for: $evidence', (fault) => {
  const patience = startPatience(20)
  patience.reached(300)
  patience.failed(fault)
  expect(patience.seconds()).toBe(20)
  patience.failed(timeout)
  expect(patience.seconds()).toBe(2)
})
