// Whatever a command passes through, its words arrive as they are: real shells read the lines.
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Hop } from '../../src/domain/spec.ts'
import { type Argv, commandLine, composeHops } from '../../src/transport/hops.ts'
import { hostileWords } from '../rig/hostile.ts'
import { testWith } from '../rig/requires.ts'

/** The shells that may read a line, by the words that have them do it as sshd does: no login, the line one argument. */
const readers = {
  sh: ['sh', '-c'],
  bash: ['bash', '-c'],
  rbash: ['bash', '-r', '-c'],
  zsh: ['zsh', '-c'],
  fish: ['fish', '-c'],
  tcsh: ['tcsh', '-c'],
  csh: ['tcsh', '-f', '-c'],
  mksh: ['mksh', '-c'],
  busybox: ['busybox', 'sh', '-c'],
} as const satisfies Record<string, Argv>
const names = Object.keys(readers) as (keyof typeof readers)[]
const testReal = testWith('bash', 'zsh', 'fish', 'tcsh', 'mksh', 'busybox')

const lineHop = (name: keyof typeof readers): Hop => ({ argv: readers[name], words: 'line' })

/** Runs an argv that prints words, each with a NUL behind it. In a locale that is there: fish may set another, of which mksh complains. */
const printedBy = ([program, ...args]: Argv): string[] => {
  const { stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  if (error !== undefined) throw error
  expect(stderr).toBe('')
  return stdout.split('\0').slice(0, -1)
}

const print = (words: readonly string[]): Argv => ['printf', '%s\\0', ...words]

const anyWord = fc.oneof(
  fc.constantFrom(...hostileWords),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '0')),
  fc.string({ unit: fc.constantFrom(...'\'"\\$`!\n -;&|*?~#%0=^{}[]()<>é'), maxLength: 20 }),
)
const someWords = fc.array(anyWord, { minLength: 1, maxLength: 6 })

describe.each(names)('a line that %s reads', (name) => {
  testReal('brings any words', () => {
    fc.assert(
      fc.property(someWords, (words) => {
        expect(printedBy(composeHops([lineHop(name)], print(words)))).toEqual(words)
      }),
      { numRuns: 25 },
    )
  })

  testReal('brings every hostile word, through a second line, and a script that counts its arguments', () => {
    const hops = [lineHop(name), { argv: ['env', 'A=b'], words: 'argv' }, lineHop(name)] as const
    expect(printedBy(composeHops(hops, print(hostileWords)))).toEqual([...hostileWords])
    const script = `printf '%s\\0' "$0" "$#" "$A" 'it'\\''s\n!'`
    expect(printedBy(composeHops(hops, ['sh', '-c', script]))).toEqual(['sh', '0', 'b', "it's\n!"])
  })
})

testReal('three lines one in another, read by any three shells, bring any words', () => {
  const anyHop = fc.oneof(
    fc.constantFrom(...names).map(lineHop),
    fc.constant<Hop>({ argv: ['env', '-u', "it's"], words: 'argv' }),
  )
  fc.assert(
    fc.property(fc.array(anyHop, { minLength: 2, maxLength: 3 }), someWords, (hops, words) => {
      expect(printedBy(composeHops(hops, print(words)))).toEqual(words)
    }),
    { numRuns: 40 },
  )
})

test('what is followed word by word is only put before it', () => {
  const sudo: Hop = { argv: ['sudo', '-n', '-u', 'www', '--'], words: 'argv' }
  expect(composeHops([], ['a b', ''])).toEqual(['a b', ''])
  expect(composeHops([sudo, { argv: ['nice'], words: 'argv' }], ['a b', ''])).toEqual([...sudo.argv, 'nice', 'a b', ''])
  expect(commandLine(['sh', '-c', 'echo x; exec y'])).toBe(`sh -c 'echo x; exec y'`)
  expect(commandLine(['-x'])).toContain('env')
})

test('a line in a line in a line stays far below what one argument may be', () => {
  const hop: Hop = { argv: ['ssh', '--', 'host'], words: 'line' }
  const script = `exec sh '/home/me/.local/state/chap-remote/k3f9-0123456789abcdef/launcher' 'follow' ${"'65536' ".repeat(6)}`
  const line = composeHops([hop, hop, hop, hop], ['sh', '-c', script]).at(-1) ?? ''
  expect(line.length).toBeLessThan(8_000)
})
