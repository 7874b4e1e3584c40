// `chap ls` alone reads its options by itself: as commander reads them, or not at all.
import { Command, CommanderError } from 'commander'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { configure } from '../../../src/cli/commands/ls.ts'
import { readOptions } from '../../../src/cli/ls/read-options.ts'
import { testContext } from '../../rig/context.ts'

const makeCommand = (): Command => {
  const command = new Command('ls')
  configure(command, { context: testContext(), program: null, exitWith: () => undefined, giveJob: undefined })
  return command
    .action(() => undefined)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
}

/** As commander has them; null: it says that something is wrong, or its help. */
const readByCommander = (args: readonly string[]): object | null => {
  try {
    return makeCommand().parse(args, { from: 'user' }).opts()
  } catch (error) {
    if (error instanceof CommanderError) return null
    throw error
  }
}

const { options } = makeCommand()
const names = options.flatMap(({ short, long }) => [short, long].filter((name) => name !== undefined))

test('whatever is called, it reads the same as commander, or leaves it', () => {
  const value = fc.oneof(
    fc.constantFrom('team=ml', '__proto__=x', 'state=failed', '-time', '', '-a', '--', '=', 'never', 'age'),
    fc.string({ maxLength: 4 }),
  )
  const name = fc.constantFrom(...names, '--help', '-h', '-aq', '-qqa', '-al', '--no-color', '--no-all')
  const word = fc.oneof(
    name,
    name,
    value,
    fc.tuple(name, value).map(([option, given]) => `${option}=${given}`),
    fc.tuple(name, value).map(([option, given]) => `${option}${given}`),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (args) => {
      const known = readByCommander(args)
      expect(readOptions(args) ?? known).toEqual(known)
    }),
    { numRuns: 5_000 },
  )
})

test.each(options.filter(({ long }) => long !== '--watch').map((option) => [option.long ?? '', option]))(
  '%s does not need commander, by any of its names',
  (_, { short, long, required }) => {
    const value = long === '--color' ? 'never' : 'team=ml'
    const called = [short, long].filter((name) => name !== undefined)
    const calls = required
      ? [...called.map((name) => [name, value]), [`${long}=${value}`]]
      : called.map((name) => [name])
    for (const args of calls) expect(readOptions(args)).toEqual(readByCommander(args))
  },
)

test.each([
  [[]],
  [['-aq']],
  [['--filter', 'state=failed', '--filter', 'host=gpu*', '--sort=-time']],
  [['-q', '-l', 'team=ml', '-l', 'lab=1', '-l', 'team=ops']],
  [['--format', '{id} {state} {last}']],
])('%j neither', (args) => {
  expect(readOptions(args)).toEqual(readByCommander(args))
})

test.each([[['--watch']], [['--help']], [['-aqx']], [['a']], [['--']], [['--sort']], [['-l', 'x']], [['--color=red']]])(
  '%j is left',
  (args) => {
    expect(readOptions(args)).toBeUndefined()
  },
)
