/** chap(1): what chap's commander program says of itself. */
import type { Command, Option } from 'commander'
import { type HelpfulCommand, splitNotes } from '../help.ts'
import { escapeRoff, inFont, item, paragraph, section, subsection, verbatim } from './roff.ts'

export const roffOfProgram = (program: HelpfulCommand): string => {
  const commands = program.commands as readonly HelpfulCommand[]
  const start = commands.find((command) => command.name() === 'start')
  const groups = [...new Set(commands.map((command) => command.helpGroup()))]
  const index = groups.flatMap((group) => [
    paragraph(escapeRoff(group)),
    ...commands
      .filter((command) => command.helpGroup() === group)
      .map((command) => item(inFont('B', `chap ${command.name()}`), escapeRoff(command.description()))),
  ])
  return [
    section('Synopsis'),
    paragraph(
      `${inFont('B', 'chap')} ${inFont('I', 'command')} [${inFont('I', 'option')}...] [${inFont('I', 'argument')}...]`,
    ),
    section('Description'),
    paragraph(escapeRoff(program.description())),
    roffOfNotes(program),
    ...index,
    section('Commands'),
    ...commands.map((command) => roffOfCommand(command, command === start ? undefined : start)),
  ].join('')
}

const roffOfCommand = (command: HelpfulCommand, start: Command | undefined): string => {
  const shared = command.options.filter((option) => isIn(option, start))
  const named = shared.map(({ long, short }) => inFont('B', escapeRoff(long ?? short ?? '')))
  // A few are told again; of many it is said where they are told.
  const own = named.length > MANY ? command.options.filter((option) => !shared.includes(option)) : command.options
  return [
    subsection(`chap ${command.name()} ${command.usage()}`),
    paragraph(`${escapeRoff(capitalize(command.description()))}.`),
    ...command.registeredArguments.map((one) => item(inFont('I', escapeRoff(one.name())), escapeRoff(one.description))),
    ...roffOfOptions(command, own),
    ...(named.length > MANY ? [paragraph(`As of ${inFont('B', 'chap start')}: ${named.join(', ')}.`)] : []),
    roffOfNotes(command),
  ].join('')
}

const MANY = 8

const isIn = ({ flags, description }: Option, other: Command | undefined): boolean =>
  other?.options.some((option) => option.flags === flags && option.description === description) === true

const roffOfOptions = (command: Command, options: readonly Option[]): readonly string[] => {
  const help = command.createHelp()
  const groups = help.groupItems([...options], [...options], (option) => option.helpGroupHeading ?? 'Options:')
  return [...groups].flatMap(([group, members]) => [
    ...(groups.size > 1 ? [paragraph(escapeRoff(group))] : []),
    ...members.map((option) => item(roffOfFlags(help.optionTerm(option)), escapeRoff(help.optionDescription(option)))),
  ])
}

/** `-n, --name <name>`: what is typed is bold, what stands for something else slanted. */
const roffOfFlags = (flags: string): string =>
  flags
    .split(/(<[^>]*>)/)
    .map((part) =>
      part.startsWith('<')
        ? inFont('I', escapeRoff(part.slice(1, -1)))
        : part.replace(/--?[\w-]+/g, (flag) => inFont('B', escapeRoff(flag))),
    )
    .join('')

const roffOfNotes = (command: HelpfulCommand): string =>
  splitNotes(command.notes)
    .map(({ kind, lines }) => {
      if (kind === 'paragraph') return paragraph(escapeRoff(lines.join(' ')))
      return `${kind === 'examples' ? paragraph('Examples:') : ''}${verbatim(lines.map((line) => line.replace(/^ {2}/, '')))}`
    })
    .join('')

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
