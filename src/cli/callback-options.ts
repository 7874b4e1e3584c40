/** The options of a callback, as they are typed. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type CallbackOptions, spellOption, usage } from '../index.ts'
import type { Context } from './context.ts'
import { readDuration, readSize } from './options.ts'
import { isProblem, type Problem } from './problem.ts'

export interface CallbackWords {
  readonly callback?: string
  readonly callbackMethod?: string
  readonly callbackTokenFile?: string
  readonly callbackCa?: string
  /** Milliseconds; the others, too. */
  readonly callbackRetry?: number
  readonly callbackTimeout?: number
  /** Bytes. */
  readonly callbackBuffer?: number
  readonly callbackLatency?: number
}

export const addCallbackOptions = (command: Command): Command =>
  command
    .optionsGroup('Output and end by HTTP:')
    .option('--callback <url>', 'send output and end there: URL/output/stdout, URL/completed; {id}: the job')
    .option('--callback-method <method>', 'instead of POST')
    .option('--callback-token-file <file>', 'a bearer token: the first line of a file')
    .option('--callback-ca <file>', "the certificates to trust, PEM (default: the system's)")
    .option('--callback-retry <duration>', 'between two tries (default: 10s)', readDuration)
    .option(
      '--callback-timeout <duration>',
      'give up after so long without an answer that helps (default: 1d)',
      readDuration,
    )
    .option('--callback-buffer <size>', 'send as soon as so much waits (default: 64k)', readSize)
    .option('--callback-latency <duration>', 'or the oldest byte has waited so long (default: 1s)', readDuration)

/** For the draft. @returns nothing, where no callback is asked for */
export const readCallbackWords = (
  { cwd }: Pick<Context, 'cwd'>,
  words: CallbackWords,
): { readonly callback?: CallbackOptions } | Problem => {
  const { callback: url, callbackTokenFile: file } = words
  if (url === undefined) {
    const stray = Object.entries(words).find(([name, value]) => /^callback./.test(name) && value !== undefined)
    return stray === undefined
      ? {}
      : usage(`--${spellOption(stray[0])} is about a callback`, '--callback URL says where it goes')
  }
  const token = file === undefined ? undefined : readTokenFile(cwd(), file)
  if (typeof token === 'object') return token
  const given = {
    ...{ url, token, method: words.callbackMethod, ca: words.callbackCa },
    retryFrequency: words.callbackRetry,
    timeout: words.callbackTimeout,
    outputBuffer: words.callbackBuffer,
    outputLatency: words.callbackLatency,
  }
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return { callback: { url, ...Object.fromEntries(said) } }
}

/** For jobs that are started again: nothing of a token is kept. */
export const readTokenOption = (
  { cwd }: Pick<Context, 'cwd'>,
  { callbackTokenFile: file }: Pick<CallbackWords, 'callbackTokenFile'>,
): { readonly callbackToken: string | null } | Problem => {
  const token = file === undefined ? null : readTokenFile(cwd(), file)
  return isProblem(token) ? token : { callbackToken: token }
}

const readTokenFile = (cwd: string, file: string): string | Problem => {
  const path = resolve(cwd, file)
  try {
    const [token = ''] = readFileSync(path, 'utf8').split(/\r?\n/, 1)
    return token === '' ? usage(`${path} has no token on its first line`) : token
  } catch (error) {
    return usage(`--callback-token-file: ${(error as NodeJS.ErrnoException).message}`)
  }
}
