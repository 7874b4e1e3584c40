// What is said of chap's command line in the documents: whole calls, forms of calls, and calls of which the rest is left away.
import { split } from 'shlex'
import { describeCommands } from '../../src/cli/run-command.ts'
import { testContext } from './context.ts'

const program = await describeCommands(
  { context: testContext(), program: null, exitWith: () => undefined, giveJob: undefined },
  () => true,
  { out: '', err: '' },
)

/** A form of call, rather than a call: `chap kill job...`, `chap start [options] [host]`. */
const isForm = (text: string): boolean => /\.\.\.|…|\w\|\S|\[[a-z]+[\]|]/.test(text.replace(/'[^']*'/g, ''))

/** Words of an own command line of chap's, and what is asked for by them. */
export const readCall = (text: string) => {
  const bare = text.replace(/'[^']*'/g, 'quoted').replace(/[[\]|<>]/g, ' ')
  const [, name = '', ...words] = split(bare)
  const command = program.commands.find((one) => one.name() === name)
  const end = words.indexOf('--')
  const own = end < 0 ? words : words.slice(0, end)
  const used = own.filter((word) => /^--?[a-zA-Z]/.test(word)).map((word) => word.replace(/=.*/, ''))
  const known = used.map((word) => command?.options.find(({ long, short }) => long === word || short === word))
  const last = command?.options.find(({ long, short }) => [long, short].includes(own.at(-1)))
  return {
    /** chap has that command. */
    isKnown: command !== undefined || name === 'help' || name === '__complete' || name.startsWith('-'),
    command,
    /** Options that it does not have. */
    unknown: command === undefined ? [] : used.filter((word, index) => known[index] === undefined && word !== '--help'),
    /** The last word is an option that wants a value. */
    isOpen: last?.required === true,
    isBare: words.length === 0,
  }
}

/** The calls of chap in a line for sh. */
export const callsIn = (line: string): readonly string[] =>
  line
    .replace(/ {2,}#.*/, '')
    .split(/\||&&|;|\$\(|\)/)
    .map((call) => call.trim())
    .filter((call) => call.startsWith('chap '))

/** It can be typed, but for a job that is left away. */
export const isWhole = (text: string): boolean => {
  const { isBare, isOpen } = readCall(text)
  return !isForm(text) && !isBare && !isOpen
}

/** What is left away where something is spoken of. */
export const complete = (text: string): string => {
  const [, name = ''] = text.split(' ')
  const filled = text
    .replace(/\b(ID|JOB|job)\b/g, 'k3f9')
    .replace(/\bHOST\b/g, 'gpu1')
    .replace(/\bN\b/g, '1')
  const { command } = readCall(filled)
  if ((name === 'start' || name === 'run') && !/ -- | -c |--spec|--retry-failed/.test(filled))
    return `${filled} -- true`
  const takesJob = command?.registeredArguments[0]?.name() === 'job' && !/--all|--group|--label/.test(filled)
  return takesJob && command.parseOptions(split(filled).slice(2)).operands.length === 0 ? `${filled} k3f9` : filled
}
