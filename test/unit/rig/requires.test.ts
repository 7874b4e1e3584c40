// A test whose needs are not met is skipped with the reason, and fails in CI.
import { expect, test } from 'vitest'
import { requires } from '../../rig/requires.ts'

test('says nothing when all is there', () => {
  expect(requires()).toBe(undefined)
  expect(requires('bash')).toBe(undefined)
})

test('names what is missing', () => {
  const path = process.env['PATH']
  process.env['PATH'] = '/nonexistent'
  try {
    expect(requires('fish', 'zsh')).toBe('needs fish, zsh')
  } finally {
    process.env['PATH'] = path
  }
})
