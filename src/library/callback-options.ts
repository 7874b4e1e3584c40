/** Whom to tell by HTTP, as it is asked for. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Callback } from '../domain/spec.ts'
import { type Problem, usage } from './problem.ts'
import type { Surroundings } from './surroundings.ts'
import { withoutUnset } from './without-unset.ts'

/** Durations are milliseconds. */
export interface CallbackOptions {
  /**
   * http or https. The bytes go to `URL/output/stdout` and `URL/output/stderr`, and the job's last document to `URL/completed`. `{id}` in it is
   * the job's id.
   */
  readonly url: string
  /** POST. */
  readonly method?: string
  /** Sent as `Authorization: Bearer TOKEN`, and written nowhere but in a file of the job's directory until all is delivered. */
  readonly token?: string
  /** A PEM file with the certificates to trust instead of the system's. */
  readonly ca?: string
  /** Between two tries while the receiver can't take anything; 10,000. */
  readonly retryFrequency?: number
  /** Of such tries in a row, until it is given up; 86,400,000. */
  readonly timeout?: number
  /** Bytes that are sent at once, without waiting for more; 65,536. */
  readonly outputBuffer?: number
  /** How long fewer bytes wait for more; 1,000. */
  readonly outputLatency?: number
}

/** What is so where nothing else is said. */
export const CALLBACK_DEFAULTS = {
  method: 'POST',
  retryFrequency: 10_000,
  timeout: 86_400_000,
  outputBuffer: 65_536,
  outputLatency: 1_000,
} as const satisfies Partial<CallbackOptions>

const METHODS = ['POST', 'PUT', 'PATCH', 'GET']
/** A piece is held in memory while it is sent. */
const LARGEST_BUFFER = 1024 ** 2
const LONGEST_MS = 3_650 * 86_400_000

type Read = { readonly callback: Callback | null; readonly callbackToken: string | null }

export const readCallback = (
  { cwd }: Pick<Surroundings, 'cwd'>,
  given: CallbackOptions | string | undefined,
): Read | Problem => {
  if (given === undefined) return { callback: null, callbackToken: null }
  const asked: CallbackOptions = typeof given === 'string' ? { url: given } : given
  const options = { ...CALLBACK_DEFAULTS, ...withoutUnset(asked), url: asked.url }
  const { method, token = null, outputBuffer } = options
  const ca = options.ca === undefined ? null : resolve(cwd(), options.ca)
  const times = { retry: options.retryFrequency, timeout: options.timeout, latency: options.outputLatency }
  const misfit =
    findMisfitOfUrl(options.url) ??
    (METHODS.includes(method) ? undefined : `--callback-method is one of ${METHODS.join(', ')}`) ??
    (token === null || /^[\x21-\x7e]+$/.test(token)
      ? undefined
      : 'the token of --callback can only be one printable word') ??
    (Number.isInteger(outputBuffer) && outputBuffer >= 1 && outputBuffer <= LARGEST_BUFFER
      ? undefined
      : '--callback-buffer is a mebibyte at the most, and one byte at least') ??
    findMisfitOfTimes(times) ??
    findMisfitOfCa(ca)
  if (misfit !== undefined) return usage(misfit)
  const callback = {
    url: options.url.replace(/\/+$/, ''),
    method,
    ca,
    retryFrequency: times.retry / 1000,
    timeout: times.timeout / 1000,
    outputBuffer,
    outputLatency: times.latency / 1000,
  }
  return { callback, callbackToken: token }
}

const findMisfitOfUrl = (text: string): string | undefined => {
  const address = text.replaceAll('{id}', 'id')
  if (!URL.canParse(address)) return '--callback is no URL'
  const { protocol, username, password } = new URL(address)
  if (protocol !== 'http:' && protocol !== 'https:') return '--callback begins with http:// or https://'
  // What is in the URL is in the spec, and in what inspect shows.
  if (username !== '' || password !== '') return '--callback has a password in it; --callback-token-file is for secrets'
  // Also one of which nothing follows: it would swallow what is put behind it.
  if (/[?#]/.test(text)) return '--callback has nothing behind its path: /output/stdout is put there'
  return undefined
}

const findMisfitOfTimes = (times: Readonly<Record<string, number>>): string | undefined => {
  for (const [name, ms] of Object.entries(times))
    if (!(ms >= (name === 'retry' ? 1 : 0) && ms <= LONGEST_MS)) return `--callback-${name} is no such time`
  return undefined
}

const findMisfitOfCa = (path: string | null): string | undefined => {
  if (path === null) return undefined
  try {
    if (readFileSync(path, 'latin1').includes('-----BEGIN CERTIFICATE-----')) return undefined
    return `--callback-ca: there is no certificate in ${path}`
  } catch (error) {
    return `--callback-ca: ${(error as NodeJS.ErrnoException).message}`
  }
}
