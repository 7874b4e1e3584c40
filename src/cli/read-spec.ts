/** A document, from a file or from what chap reads, to the job that it asks for. */
import { closeSync, openSync, readSync } from 'node:fs'
import {
  type AskedJob,
  checkCommand,
  DEFAULTS,
  type Draft,
  digestAsked,
  draftJob,
  MOST_BYTES,
  parseDocument,
  readDocument,
  speakOfPlaces,
  usage,
} from '../index.ts'
import { readCallbackWords } from './callback-options.ts'
import type { Context } from './context.ts'
import { isProblem, type Problem } from './problem.ts'
import { loadConfig, resolveSaid } from './resolve.ts'
import type { StartOptions } from './start-options.ts'

export interface SpecAsked {
  readonly draft: Draft
  readonly command: AskedJob['command']
}

/** @param change says what is asked for after all, or why not */
export const readSpec = async (
  context: Context,
  path: string,
  change: (asked: AskedJob) => AskedJob | Problem = (asked) => asked,
): Promise<SpecAsked | Problem> => {
  const text = readText(path)
  if (typeof text !== 'string') return text
  const parsed = await parseDocument(text)
  if (!parsed.ok) return { code: 'no_json', fault: parsed.fault }
  const read = readDocument(parsed.value)
  const asked = isProblem(read) ? read : change(read)
  if (isProblem(asked)) return asked
  const draft = await draftAsked(context, asked)
  if (!isProblem(draft)) return { draft, command: asked.command }
  return draft.code === 'usage' || draft.code === 'document' ? speakOfPlaces(draft) : draft
}

/** As if its options had been typed: the config file's hosts and defaults are the same for both. */
const draftAsked = async (context: Context, { command, transport }: AskedJob): Promise<Draft | Problem> => {
  const misfit = checkCommand(command)
  if (misfit !== undefined) return misfit
  const config = await loadConfig(context)
  if (isProblem(config)) return config
  const { program, host, env = {}, callback, stdin, ...options } = command
  const typed = {
    ...options,
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...(transport === null ? {} : { transport }),
    ...(typeof program === 'string' ? { command: program } : {}),
  }
  const resolved = resolveSaid<StartOptions>(config, { typed, unsaid: { ...DEFAULTS } }, host)
  if (isProblem(resolved)) return resolved
  const words = callback === undefined ? readCallbackWords(context, resolved.options) : { callback }
  if (isProblem(words)) return words
  const argv = typeof program === 'string' ? null : program
  const given = { ...resolved.options, ...words, ...(stdin === undefined ? {} : { stdin }) }
  const draft = draftJob(context, host, argv, given)
  return isProblem(draft) || command.id === undefined ? draft : { ...draft, asked: digestAsked(command.id, command) }
}

const PIECE = 65_536

/** One byte more than may be is enough to say that it is too much. */
const readText = (path: string): string | Problem => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readBytes(path))
  } catch (error) {
    if (error instanceof TypeError)
      return { code: 'no_json', fault: { code: 'syntax', line: 1, column: 1, detail: 'this is not UTF-8' } }
    return usage(`the document can't be read: ${(error as NodeJS.ErrnoException).message}`)
  }
}

const readBytes = (path: string): Uint8Array => {
  const fd = path === '-' ? 0 : openSync(path, 'r')
  try {
    const pieces: Uint8Array[] = []
    for (let size = 0; size <= MOST_BYTES; ) {
      const piece = new Uint8Array(PIECE)
      const read = readSync(fd, piece)
      if (read === 0) break
      pieces.push(piece.subarray(0, read))
      size += read
    }
    return Buffer.concat(pieces)
  } finally {
    if (fd !== 0) closeSync(fd)
  }
}
