// Waiting ends with the condition, or with an error that shows what was seen last.
import { expect, test } from 'vitest'
import { until, untilSeen } from '../../rig/until.ts'

test('returns what it waited for, whatever was thrown before', async () => {
  let looks = 0
  const seen = await until(
    () => {
      looks++
      if (looks === 1) throw new Error('not yet')
      return looks === 3 ? 'there' : undefined
    },
    { deadline: 5_000 },
  )
  expect(seen).toBe('there')
})

test('shows the last value when time is up', async () => {
  const waiting = untilSeen(
    () => ({ phase: 'running' }),
    ({ phase }) => phase === 'ended',
    { deadline: 10 },
  )
  await expect(waiting).rejects.toThrow("{ phase: 'running' }")
})

test('shows the last error when time is up', async () => {
  const waiting = until(() => Promise.reject(new Error('no such file')), { deadline: 10, what: 'the state' })
  await expect(waiting).rejects.toThrow(/10 ms for the state; last seen: Error: no such file/)
})
