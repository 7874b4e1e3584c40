/** What is a host, and what it is made of. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHost } from '../../../src/library/host.ts'

test.each([
  ['gpu1', null, 'gpu1', null],
  ['me@gpu1', 'me', 'gpu1', null],
  ['me@corp@gpu1', 'me@corp', 'gpu1', null],
  ['gpu1:2222', null, 'gpu1', 2222],
  ['me@10.0.0.1:22', 'me', '10.0.0.1', 22],
  ['::1', null, '::1', null],
  ['me@fe80::1%eth0', 'me', 'fe80::1%eth0', null],
  ['[::1]', null, '::1', null],
  ['me@[fe80::1%eth0]:2222', 'me', 'fe80::1%eth0', 2222],
  ['2001:db8::22', null, '2001:db8::22', null],
])('%s is a host', (text, user, name, port) => {
  expect(readHost(text)).toEqual({ user, name, port, isAddress: false })
})

test.each([
  ['ssh://me@gpu1:2222', 'me', 'gpu1', 2222],
  ['ssh://gpu1', null, 'gpu1', null],
  ['ssh://me@[::1]:22/', 'me', '::1', 22],
])('%s is an address', (text, user, name, port) => {
  expect(readHost(text)).toEqual({ user, name, port, isAddress: true })
})

test.each([
  '',
  '-oProxyCommand=x',
  'me@-x',
  '-me@x',
  '[-x]',
  'a b',
  'a\nb',
  'a\u0000',
  'ssh://',
  'ssh://-x',
  'ssh://x:0',
  'http://x',
  'me@',
  '@x',
  'gpu1:',
  'gpu1:ssh',
  'gpu1:0',
  'gpu1:65536',
  ':22',
  '[::1',
  '[gpu1]:22',
  'gpu1:22:23',
])('%j is none', (text) => {
  expect(readHost(text)).toBeNull()
})

test('whatever is typed, what comes of it is no option and has no blank', () => {
  const parts = fc.constantFrom('-', '@', ':', '[', ']', 'ssh://', 'a', '1', ' ', '\n', '/', '%', '::')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((some) => some.join('')),
      ),
      (text) => {
        const read = readHost(text)
        if (read === null) return
        for (const part of [read.user ?? 'x', read.name]) expect(part).toMatch(/^[^-\s][^\s]*$/)
        expect(read.port ?? 1).toBeGreaterThan(0)
      },
    ),
    { numRuns: 5_000 },
  )
})

test('a user, a name and a port are found again', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/)
  const port = fc.integer({ min: 1, max: 65_535 })
  fc.assert(
    fc.property(fc.option(word), fc.oneof(word, fc.ipV4(), fc.ipV6()), fc.option(port), (user, name, number) => {
      const place = name.includes(':') && number !== null ? `[${name}]` : name
      const text = `${user === null ? '' : `${user}@`}${place}${number === null ? '' : `:${number}`}`
      expect(readHost(text)).toEqual({ user, name, port: number, isAddress: false })
    }),
  )
})
