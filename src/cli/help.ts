/** Help as chap prints it: no wider than the terminal, options in groups, colours on a terminal only. */
import { type AddHelpTextContext, type AddHelpTextPosition, Command, Help, type Option } from 'commander'
import { hasColor } from './color.ts'
import type { Context, Output } from './context.ts'

/** Where the width is not known; and what reads well. */
const WIDTH = 80
const WIDEST = 100
const NARROWEST = 40

/** A command that keeps what is said below its options, for the man page and the tests. */
export class HelpfulCommand extends Command {
  /** Paragraphs, and examples, as they are written in the source. */
  notes = ''

  override createCommand(name?: string): HelpfulCommand {
    return new HelpfulCommand(name)
  }

  override createHelp(): Help {
    return Object.assign(new LastGroupLast(), this.configureHelp())
  }

  override addHelpText(position: AddHelpTextPosition, text: string | ((context: AddHelpTextContext) => string)): this {
    if (typeof text !== 'string') return super.addHelpText(position, text)
    this.notes = text
    return super.addHelpText(position, ({ error, command }) => {
      const { getErrHelpWidth, getOutHelpWidth } = command.configureOutput()
      const width = (error ? getErrHelpWidth : getOutHelpWidth)?.() ?? WIDTH
      return `\n${fitNotes(text, width)}`
    })
  }
}

/** Groups of commands; what is in none of them is for setting chap up. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Starting jobs:': ['start', 'run', 'rerun', 'agent'],
  'Following them:': ['attach', 'logs', 'wait', 'send', 'kill'],
  'Looking at them:': ['ls', 'top', 'inspect', 'events', 'history'],
  'Putting things in order:': ['recover', 'deliver', 'rm', 'prune', 'autostart'],
}

/** Where `chap help` stands. */
export const LAST_GROUP = 'Setting chap up:'

export const groupOf = (command: string): string =>
  Object.entries(GROUPS).find(([, commands]) => commands.includes(command))?.[0] ?? LAST_GROUP

/** What is about this call, and --help, comes last. */
class LastGroupLast extends Help {
  override groupItems<T extends Command | Option>(unsorted: T[], visible: T[], groupOfItem: (item: T) => string) {
    const groups = super.groupItems(unsorted, visible, groupOfItem as (item: Command | Option) => string) as Map<
      string,
      T[]
    >
    const last = groups.get(OPTIONS_OF_CALL)
    if (last === undefined) return groups
    groups.delete(OPTIONS_OF_CALL)
    return groups.set(OPTIONS_OF_CALL, last)
  }
}

/** Where a command's own options follow those that it shares with others. */
export const OPTIONS_OF_CALL = 'Options:'

/** Commander takes colours off again where none are wanted. */
export const helpStyle = {
  minWidthToWrap: 20,
  styleTitle: (text: string) => `\u001b[1m${text}\u001b[22m`,
  styleCommandText: (text: string) => `\u001b[1m${text}\u001b[22m`,
  styleOptionTerm: (text: string) => `\u001b[36m${text}\u001b[39m`,
  styleSubcommandTerm: (text: string) => `\u001b[36m${text}\u001b[39m`,
}

/** Asked only when help is printed: to open a stream takes time. */
export const outputStyle = (context: Pick<Context, 'env' | 'stdout' | 'stderr'>) => ({
  getOutHelpWidth: () => widthOf(context.stdout),
  getErrHelpWidth: () => widthOf(context.stderr),
  getOutHasColors: () => hasColor(context, context.stdout, 'auto'),
  getErrHasColors: () => hasColor(context, context.stderr, 'auto'),
})

const widthOf = ({ isTerminal, columns }: Output): number =>
  isTerminal ? Math.min(WIDEST, Math.max(NARROWEST, columns)) : WIDTH

/** A block of lines between empty ones: a paragraph, or lines that stay as they are. */
export interface Note {
  readonly kind: 'paragraph' | 'examples' | 'as it is'
  readonly lines: readonly string[]
}

export const splitNotes = (text: string): readonly Note[] =>
  text
    .trim()
    .split(/\n{2,}/)
    .filter((block) => block !== '')
    .map((block) => {
      const lines = block.split('\n')
      if (lines[0] === EXAMPLES) return { kind: 'examples', lines: lines.slice(1) }
      return { kind: lines.every((line) => line.startsWith('  ')) ? 'as it is' : 'paragraph', lines }
    })

const EXAMPLES = 'Examples:'

/** Paragraphs are filled again; examples are cut by nobody. */
const fitNotes = (text: string, width: number): string =>
  splitNotes(text)
    .map(({ kind, lines }) => {
      if (kind === 'paragraph') return fill(lines.join(' '), width).join('\n')
      return [...(kind === 'examples' ? [helpStyle.styleTitle(EXAMPLES)] : []), ...lines].join('\n')
    })
    .join('\n\n')

/** Lines of so many characters at most, but for a longer word. */
export const fill = (text: string, width: number): readonly string[] => {
  const lines: string[] = []
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
