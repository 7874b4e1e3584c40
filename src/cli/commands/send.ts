/** chap send: gives a running command more of its stdin. */
import type { Command } from 'commander'
import {
  chooseOne,
  findClosed,
  hostOf,
  problemOfSent,
  readUndelivered,
  type SentAll,
  sendInput,
  usage,
} from '../../index.ts'
import { announceDisk } from '../follow-words.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'
import { printJson } from '../say.ts'
import { recoveryOf } from '../secrets.ts'

interface Options extends CommonOptions {
  readonly eof?: boolean
  readonly newline: boolean
}

const HELP = `
For a job that was started with --stdin open. The words make one line; - sends all that chap reads, as it comes.
Returns when it is accepted: it is on disk then, and gets to the job's machine exactly once, also when that can't be
reached now. Whether the command reads it is up to the command. Several senders at once don't mix up their lines.

Examples:
  chap send k3f9 continue
  chap send last -- --not-an-option
  tail -f app.log | chap send k3f9 -
  chap send k3f9 --eof                  the end of its stdin`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('<job>', 'an id, the beginning of one, a name, or last')
    .argument('[text...]', 'a line; -: what chap reads')
    .option('--eof', 'end its stdin, behind the text if there is any')
    .option('--no-newline', 'send the text without a newline at its end')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((name: string, words: string[], options: Options) =>
      perform(invocation, options, () => send(invocation, name, words, options)),
    )
}

const send = async (
  { context }: Invocation,
  name: string,
  words: readonly string[],
  { eof = false, newline, json = false }: Options,
): Promise<number | Problem> => {
  if (words.length === 0 && !eof) return usage('nothing to send', `chap send ${name} text..., or -, or --eof`)
  const view = chooseOne(context, name)
  if (isProblem(view)) return view
  const closed = findClosed(view)
  if (closed !== undefined) return closed
  const pieces = words.length === 1 && words[0] === '-' ? context.input() : linesOf(words, newline)
  const sent = await sendInput(view.paths, pieces, eof, {
    by: context.self(),
    onState: announceDisk(context, view.id),
    ...recoveryOf(context, view.id, hostOf(view)),
  })
  const undelivered = readUndelivered(view.paths)
  if (json) await printJson(context, { id: view.id, ...documentOf(sent), undelivered })
  const problem = problemOfSent(view.id, sent, undelivered)
  return problem ?? 0
}

const linesOf = (words: readonly string[], newline: boolean): Uint8Array[] =>
  words.length === 0 ? [] : [Buffer.from(words.join(' ') + (newline ? '\n' : ''))]

const documentOf = ({ bytes, last }: SentAll): object => ({ result: last.kind, bytes })
