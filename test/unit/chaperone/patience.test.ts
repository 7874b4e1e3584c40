import { expect, test } from 'vitest'
import { startPatience } from '../../../src/chaperone/patience.ts'
import type { Fault } from '../../../src/domain/fault.ts'

const timeout: Fault = { code: 'timeout', evidence: 'ssh: connect to host gpu1 port 22: Connection timed out' }

test('a machine that was never reached gets all the time that was given', () => {
  const patience = startPatience({ connectTimeout: 20, sharesConnection: false })
  patience.failed(timeout)
  expect(patience.seconds()).toBe(20)
})

test('one that was reached soon is tried in short tries, and each third is longer', () => {
  const patience = startPatience({ connectTimeout: 20, sharesConnection: false })
  patience.reached(300)
  const tries = Array.from({ length: 9 }, () => {
    const seconds = patience.seconds()
    patience.failed(timeout)
    return seconds
  })
  expect(tries).toEqual([2, 2, 4, 2, 2, 4, 2, 2, 4])
  for (let failures = tries.length; failures < 60; failures += 1) patience.failed(timeout)
  expect(patience.seconds()).toBe(20)
})

test('none is shorter than what it took, nor longer than what was given', () => {
  const patience = startPatience({ connectTimeout: 20, sharesConnection: false })
  patience.reached(3_400)
  expect(patience.seconds()).toBe(4)
  patience.reached(25_000)
  expect(patience.seconds()).toBe(20)
  const hasty = startPatience({ connectTimeout: 1, sharesConnection: false })
  hasty.reached(10)
  expect(hasty.seconds()).toBe(1)
})

test.each<Fault>([
  { code: 'timeout', evidence: 'Connection timed out during banner exchange' },
  { code: 'busy', evidence: 'kex_exchange_identification: Connection closed by remote host' },
])('one that is there and busy is waited for: $evidence', (fault) => {
  const patience = startPatience({ connectTimeout: 20, sharesConnection: false })
  patience.reached(300)
  patience.failed(fault)
  expect(patience.seconds()).toBe(20)
  patience.failed(timeout)
  expect(patience.seconds()).toBeLessThanOrEqual(4)
})

test('what is refused at once says nothing of how long to wait', () => {
  const patience = startPatience({ connectTimeout: 20, sharesConnection: false })
  patience.reached(300)
  for (let failures = 0; failures < 100; failures += 1)
    patience.failed({ code: 'refused', evidence: 'Connection refused' })
  expect(patience.seconds()).toBe(2)
})

test('over a shared connection each try has all the time that was given', () => {
  const patience = startPatience({ connectTimeout: 20, sharesConnection: true })
  patience.reached(10)
  expect(patience.seconds()).toBe(20)
})
