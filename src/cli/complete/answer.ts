/**
 * What a shell asks while a command line is typed: `chap __complete -- WORD...`, the last word being begun. The first line of the answer says
 * what the shell is to do: `:words` (those that follow, each behind a tab with what it is), `:files`, `:dirs`, or `:program N` (a command
 * line of its own begins at word N).
 */
import type { Argument, Command, Option } from 'commander'
import { SIGNALS } from '../../index.ts'
import type { Context } from '../context.ts'
import { collectLabels, readSignal } from '../options.ts'
import { safeText } from '../safe-text.ts'
import { type Candidate, listGroups, listHosts, listJobNames, listLabels, listTransports } from './candidates.ts'
import { findWanted } from './wanted.ts'

type Answer = ':files' | ':dirs' | `:program ${number}` | readonly Candidate[]

/** @param describe the program, with all that the command of that name understands */
export const answerShell = async (
  context: Context,
  args: readonly string[],
  describe: (called: string | undefined) => Promise<Command>,
): Promise<number> => {
  const words = args[0] === '--' ? args.slice(1) : args
  const program = await describe(words[0])
  const answer = await findAnswer(context, program, words)
  if (typeof answer === 'string') await context.stdout.write(`${answer}\n`)
  else await context.stdout.write(`:words\n${formatCandidates(answer, words.at(-1) ?? '')}`)
  return 0
}

const findAnswer = async (context: Context, program: Command, words: readonly string[]): Promise<Answer> => {
  const wanted = findWanted(program, words)
  const current = words.at(-1) ?? ''
  const command = program.commands.find((one) => one.name() === words[0])
  switch (wanted.kind) {
    case 'nothing':
      return []
    case 'program':
      return `:program ${wanted.at}`
    case 'commands':
      return program
        .createHelp()
        .visibleCommands(program)
        .map((one) => ({ word: one.name(), about: one.description() }))
    case 'options':
      return wanted.options.map((option) => ({ word: option.long ?? option.short ?? '', about: option.description }))
    case 'argument':
      return argumentsOf(context, wanted.argument, current, command)
    case 'value': {
      const { option, prefix } = wanted
      const answer = await valuesOf(context, option, current.slice(prefix.length), command)
      return typeof answer === 'string' ? answer : withPrefix(prefix, answer)
    }
  }
}

const argumentsOf = async (
  context: Context,
  argument: Argument,
  current: string,
  command: Command | undefined,
): Promise<Answer> => {
  if (argument.argChoices !== undefined) return argument.argChoices.map((word) => ({ word, about: '' }))
  switch (argument.name()) {
    case 'job':
      return jobsFor(context, current, command)
    case 'host':
      return hostsAfter(context, current, { hasClusters: false })
    default:
      return []
  }
}

/** What an option takes is said by its reader, its choices, or the word for it: `--cwd <dir>`. */
const valuesOf = async (
  context: Context,
  option: Option,
  current: string,
  command: Command | undefined,
): Promise<Answer> => {
  if (option.argChoices !== undefined) return option.argChoices.map((word) => ({ word, about: '' }))
  if (option.parseArg === readSignal) return SIGNALS.map((word) => ({ word: word.replace(/^SIG/, ''), about: word }))
  if (option.parseArg === collectLabels) return listLabels(context, current)
  const [, what] = /<([^>]+)>/.exec(option.flags) ?? []
  switch (what) {
    case 'file':
      return ':files'
    case 'dir':
      return ':dirs'
    case 'job':
      return jobsFor(context, current, command)
    case 'group':
      return listGroups(context, current)
    case 'hosts':
      return hostsAfter(context, current, { hasClusters: false })
    case 'set':
      return hostsAfter(context, current, { hasClusters: true })
    default:
      return option.name() === 'transport' ? listTransports(context) : []
  }
}

const jobsFor = (context: Context, current: string, command: Command | undefined): readonly Candidate[] => {
  const hasGroups = command?.options.some((option) => option.long === '--group') === true
  return listJobNames(context, current, { command: command?.name() ?? '', hasGroups })
}

/** Behind what stands there already: `me@`, or other hosts of a list. */
const hostsAfter = async (
  context: Context,
  current: string,
  { hasClusters }: { readonly hasClusters: boolean },
): Promise<Answer> => {
  const [prefix = ''] = /^(.*[,!&^])?([^@,!&^]+@)?/.exec(current) ?? []
  return withPrefix(prefix, await listHosts(context, { hasClusters: hasClusters && !prefix.endsWith('@') }))
}

const withPrefix = (prefix: string, candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.map(({ word, about }) => ({ word: `${prefix}${word}`, about }))

/** Each once. A word that is no single line can't be offered. */
const formatCandidates = (candidates: readonly Candidate[], current: string): string => {
  const lines = new Map<string, string>()
  for (const { word, about } of candidates)
    if (word.startsWith(current) && safeText(word) === word && !lines.has(word))
      lines.set(word, `${word}\t${about.replace(/\s+/g, ' ')}\n`)
  return [...lines.values()].join('')
}
