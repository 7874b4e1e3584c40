// What chap says of itself: each command's help, and what it says of words that it does not know.
import type { Command, Option } from 'commander'
import { split } from 'shlex'
import { describe, expect, test } from 'vitest'
import { type HelpfulCommand, splitNotes } from '../../../src/cli/help.ts'
import { describeCommands, runCommand } from '../../../src/cli/run-command.ts'
import { testContext } from '../../rig/context.ts'

const texts = { out: '', err: '' }

const describeAll = (context = testContext()): Promise<HelpfulCommand> =>
  describeCommands({ context, program: null, exitWith: () => undefined, giveJob: undefined }, () => true, texts)

const program = await describeAll()
const commands = program.commands as readonly HelpfulCommand[]

/** As it is printed. */
const helpOf = (command: Command): string => {
  texts.out = ''
  command.outputHelp()
  return texts.out
}

const examplesOf = (command: HelpfulCommand): readonly string[] =>
  splitNotes(command.notes).flatMap(({ kind, lines }) => (kind === 'examples' ? lines : []))

/** The calls of chap in an example: what is behind three spaces is said about it. */
const callsIn = (example: string): readonly string[][] =>
  example
    .trim()
    .replace(/ {3,}.*$/, '')
    // In quotes these are no shell's.
    .replace(/'[^']*'/g, (quoted) => quoted.replace(/[|;()&>]/g, '_'))
    .split(/\||&&|;|\$\(|\)/)
    .map((call) => call.replace(/[0-9]?>+.*$/, '').trim())
    .filter((call) => call.startsWith('chap '))
    .map((call) => split(call).slice(1))

describe.each([...commands, program].map((command) => [command.name(), command] as const))('%s', (_, command) => {
  test('says in one sentence what it does, and shows how', () => {
    expect(command.description()).toMatch(/^[^\n]{5,75}$/)
    expect(command.description()).not.toMatch(/\. /)
    expect(examplesOf(command)).not.toEqual([])
  })

  test('says what each option and argument is, and fits 80 columns', () => {
    const unsaid = [...command.options, ...command.registeredArguments].filter(({ description }) => description === '')
    expect(unsaid).toEqual([])
    expect(
      helpOf(command)
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([])
  })

  test('its examples can be called', () => {
    for (const example of examplesOf(command)) {
      const calls = callsIn(example)
      expect(calls, example).not.toEqual([])
      for (const call of calls) expect(misfitOf(call), example).toBe('')
    }
  })
})

/** Why commander would refuse it; nothing is done. */
const misfitOf = ([name = '', ...words]: readonly string[]): string => {
  const command = commands.find((one) => one.name() === name)
  if (command === undefined) return `no command ${name}`
  const takesProgram = name === 'start' || name === 'run'
  const at = takesProgram ? words.indexOf('--') : -1
  const own = at < 0 ? words : words.slice(0, at)
  const options = own.flatMap((word) => command.options.filter((option) => isSpelled(option, word)))
  const { operands, unknown } = command.parseOptions([...own])
  const [known, least] = [command.registeredArguments, command.registeredArguments.filter(({ required }) => required)]
  if (unknown.some((word) => word !== '--' && word.startsWith('-')) && !own.includes('--')) return `unknown: ${unknown}`
  if (operands.length > known.length && known.at(-1)?.variadic !== true) return `too many: ${operands}`
  if (operands.length < least.length) return 'an argument is missing'
  const hasProgram =
    at >= 0 || options.some(({ long = '' }) => ['--command', '--retry-failed', '--spec'].includes(long))
  return takesProgram && !hasProgram ? 'no command' : ''
}

const isSpelled = ({ long, short }: Option, word: string): boolean => word.split('=')[0] === long || word === short

test('what is wrong in an example would be found', () => {
  expect(callsIn('  id=$(chap start gpu1 -- ./job) && chap wait "$id"   # and so on')).toEqual([
    ['start', 'gpu1', '--', './job'],
    ['wait', '$id'],
  ])
  expect(misfitOf(['ls', '--tiny'])).toBe('unknown: --tiny')
  expect(misfitOf(['start', 'gpu1'])).toBe('no command')
  expect(misfitOf(['ls', 'k3f9'])).toBe('too many: k3f9')
  expect(misfitOf(['send'])).toBe('an argument is missing')
  expect(() => misfitOf(['kill', '--grace', 'soon', 'k3f9'])).toThrow('Expected a duration')
})

test('options come in groups, those of the call last; and commands', () => {
  const start = commands.find((one) => one.name() === 'start')
  const titles = helpOf(start ?? program).match(/^[A-Z].*:$/gm)
  expect(titles?.slice(0, 2)).toEqual(['Arguments:', 'The job:'])
  expect(titles?.slice(-2)).toEqual(['Options:', 'Examples:'])
  expect(helpOf(program)).toMatch(/^Starting jobs:\n {2}start /m)
})

test('a terminal gets colours, and paragraphs that fit it', async () => {
  const narrow = await describeAll(testContext({ terminal: 60 }))
  const [start] = narrow.commands
  const text = helpOf(start ?? narrow)
  const esc = String.fromCharCode(27)
  expect(text).toContain(`${esc}[1mExamples:${esc}[22m`)
  const lines = text.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '').split('\n')
  expect(lines.slice(0, lines.indexOf('Examples:')).filter((line) => line.length > 60)).toEqual([])
  expect(
    helpOf((await describeAll(testContext({ terminal: 60, env: { NO_COLOR: '1' } }))).commands[0] ?? narrow),
  ).not.toContain(esc)
  expect(helpOf(program)).not.toContain(esc)
})

test.each([
  [['lss'], "unknown command 'lss' (Did you mean ls?)\nhint: chap --help"],
  [['strat', '--', 'x'], "unknown command 'strat' (Did you mean start?)\nhint: chap --help"],
  [['kill', '--singal', 'TERM'], "unknown option '--singal' (Did you mean --signal?)\nhint: chap kill --help"],
  [['logs', '--folow'], "unknown option '--folow' (Did you mean --follow?)\nhint: chap logs --help"],
  [
    ['start', 'gpu1', 'ls'],
    "too many arguments for 'start'. Expected 1 argument but got 2.\nhint: the command stands behind --",
  ],
])('mistyped: %j', async (args, words) => {
  const context = testContext()
  const at = args.indexOf('--')
  const [own, after] = at < 0 ? [args, null] : [args.slice(0, at), args.slice(at + 1)]
  expect(await runCommand(own, after, args[0] ?? '', undefined, context)).toBe(2)
  expect(context.said()).toContain(`chap: ${words}`)
})
