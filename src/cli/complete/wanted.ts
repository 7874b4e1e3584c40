/** What the word under the cursor may be, by what the commander program says of itself: so no list of options can grow old. */
import type { Argument, Command, Option } from 'commander'
import { isRepeatable } from '../options.ts'

export type Wanted =
  | { readonly kind: 'commands' }
  /** Of these the user may take one; the word begins with a dash. */
  | { readonly kind: 'options'; readonly options: readonly Option[] }
  /** prefix: what stands before the value in the same word, `--color=`. */
  | { readonly kind: 'value'; readonly option: Option; readonly prefix: string }
  | { readonly kind: 'argument'; readonly argument: Argument }
  /** A command of its own begins at this word, counted from 0. */
  | { readonly kind: 'program'; readonly at: number }
  | { readonly kind: 'nothing' }

const NOTHING: Wanted = { kind: 'nothing' }
/** Commands whose words after `--` are a program's. */
const TAKES_PROGRAM = ['start', 'run']

/** @param words what stands behind `chap`, up to the cursor; the last one is begun, and may be empty */
export const findWanted = (program: Command, words: readonly string[]): Wanted => {
  const [name = '', ...others] = words
  const current = words.at(-1) ?? ''
  if (others.length === 0) return current.startsWith('-') ? optionsOf(program, []) : { kind: 'commands' }
  if (name === 'help') return others.length === 1 ? { kind: 'commands' } : NOTHING
  const command = program.commands.find((one) => one.name() === name)
  return command === undefined ? NOTHING : findInCommand(command, others)
}

const findInCommand = (command: Command, words: readonly string[]): Wanted => {
  const given: Option[] = []
  let taken = 0
  let awaiting: Option | undefined
  for (const [index, word] of words.slice(0, -1).entries()) {
    if (awaiting !== undefined) {
      awaiting = undefined
      continue
    }
    if (word === '--' && TAKES_PROGRAM.includes(command.name())) return { kind: 'program', at: index + 2 }
    const option = findOption(command, word)
    if (option === undefined) {
      if (!word.startsWith('-') || word === '-') taken += 1
      continue
    }
    given.push(option)
    if (option.required && !word.includes('=') && word === spelled(option, word)) awaiting = option
  }
  return findLast(command, words.at(-1) ?? '', { given, taken, awaiting })
}

interface Before {
  readonly given: readonly Option[]
  /** Arguments. */
  readonly taken: number
  readonly awaiting: Option | undefined
}

const findLast = (command: Command, current: string, { given, taken, awaiting }: Before): Wanted => {
  if (awaiting !== undefined) return { kind: 'value', option: awaiting, prefix: '' }
  const [, prefix] = /^(--[^=]+=)/.exec(current) ?? []
  const option = prefix === undefined ? undefined : findOption(command, prefix)
  if (prefix !== undefined && option !== undefined) return { kind: 'value', option, prefix }
  if (current.startsWith('-')) return optionsOf(command, given)
  const { registeredArguments: all } = command
  const argument = all[taken] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined)
  if (argument !== undefined) return { kind: 'argument', argument }
  return all.length === 0 && current === '' ? optionsOf(command, given) : NOTHING
}

/** Also of `--name=value` and of `-n20`. */
const findOption = (command: Command, word: string): Option | undefined =>
  command.options.find(({ long, short }) =>
    word.startsWith('--') ? word.split('=')[0] === long : short !== undefined && word.startsWith(short),
  )

/** The word, where it is the option alone: its value is the next one. */
const spelled = ({ long, short }: Option, word: string): string | undefined =>
  word.startsWith('--') ? (long ?? undefined) : (short ?? undefined)

const optionsOf = (command: Command, given: readonly Option[]): Wanted => ({
  kind: 'options',
  options: command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => isRepeatable(option) || !given.includes(option)),
})
