/** One exchange with a callback's receiver, by undici: a request, the redirects that keep it as it is, and what came of it. */
import { STATUS_CODES } from 'node:http'
import { Agent, type Dispatcher } from 'undici'
import type { CallbackFault, CallbackReply, StreamName, StreamSizes } from '../../domain/callback-reply.ts'
import { readAuthorities } from './authorities.ts'

/** Milliseconds for one exchange. A receiver that takes longer gets fewer bytes at once the next time. */
const LIMIT_MS = 60_000
const CONNECT_MS = 20_000
/** Shorter than any server's: what both might close at the same time is not used any more. */
const IDLE_MS = 1_000
const MOST_REDIRECTS = 5
/** Bytes of an answer's body, which says nothing to us. */
const MOST_IGNORED = 65_536

export interface Client {
  readonly exchange: (asking: Asking) => Promise<CallbackReply>
  readonly close: () => void
}

/** The connection is kept from one exchange to the next. @throws ErrnoException where the file with the certificates can't be read */
export const openClient = (ca: string | null, limit = LIMIT_MS): Client => {
  const dispatcher = new Agent({
    connect: { ca: readAuthorities(ca), timeout: CONNECT_MS },
    connections: 1,
    pipelining: 1,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    exchange: (asking) => exchange(dispatcher, asking, limit),
    close: () => void dispatcher.destroy().catch(() => undefined),
  }
}

export interface Asking {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly token: string | null
  readonly stream: StreamName | undefined
  readonly left: AbortSignal
}

const exchange = async (dispatcher: Agent, asking: Asking, limit: number): Promise<CallbackReply> => {
  // By hand: what AbortSignal.any and timeout leave behind would add up over a day of requests.
  const stopping = new AbortController()
  const { signal } = stopping
  const stop = (): void => stopping.abort()
  const timer = setTimeout(() => stopping.abort(new DOMException('no answer in time', 'TimeoutError')), limit)
  if (asking.left.aborted) stop()
  asking.left.addEventListener('abort', stop)
  let { url } = asking
  try {
    for (let redirects = 0; ; redirects += 1) {
      const answer = await sendOnce(dispatcher, asking, url, signal)
      const status = answer.statusCode
      await answer.body.dump({ limit: MOST_IGNORED, signal })
      if (status < 300 || status >= 400) return replyOf(answer, asking.stream)
      const next = followed(url, status, answer.headers['location'])
      if (!(next instanceof URL)) return failed('redirect', next)
      if (redirects === MOST_REDIRECTS) return failed('redirect', `more than ${MOST_REDIRECTS} redirects`)
      url = next
    }
  } catch (error) {
    return { kind: 'failed', fault: faultOf(error as NodeJS.ErrnoException) }
  } finally {
    clearTimeout(timer)
    asking.left.removeEventListener('abort', stop)
  }
}

const sendOnce = (
  dispatcher: Agent,
  asking: Asking,
  url: URL,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> => {
  const isOwn = url.origin === asking.url.origin
  // Nobody else is to have it, wherever a redirect leads.
  const authorization = asking.token === null || !isOwn ? {} : { authorization: `Bearer ${asking.token}` }
  const headers = { ...asking.headers, ...authorization }
  return dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: asking.method as Dispatcher.HttpMethod,
    headers,
    body: asking.body,
    signal,
  })
}

/** 307 and 308 keep method and body. The others would make it a GET without them. Of where it leads only the origin is said: the rest may echo the token. */
const followed = (from: URL, status: number, location: string | string[] | undefined): URL | string => {
  const to = typeof location === 'string' && URL.canParse(location, from.href) ? new URL(location, from.href) : null
  const said = `HTTP ${status} ${STATUS_CODES[status] ?? ''}, to ${to === null ? 'nowhere' : to.origin}`
  if (to === null || (status !== 307 && status !== 308)) return said
  if (to.protocol !== from.protocol && to.protocol !== 'https:') return `${said}: that is not encrypted`
  return to
}

const replyOf = (
  { statusCode: status, headers }: Dispatcher.ResponseData,
  stream: StreamName | undefined,
): CallbackReply => {
  const has: { -readonly [name in StreamName]?: StreamSizes[name] } = {}
  const read = (name: StreamName, header: string): void => {
    const said = headers[header]
    if (typeof said === 'string' && /^\d{1,15}$/.test(said)) has[name] = Number(said)
  }
  if (stream === undefined) for (const name of ['stdout', 'stderr'] as const) read(name, `chap-${name}`)
  else read(stream, 'chap-offset')
  const after = headers['retry-after']
  return {
    ...{ kind: 'answered', status, has },
    retryAfter: typeof after === 'string' ? readRetryAfter(after) : null,
    evidence: `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(),
  }
}

/** Seconds, or a date. */
const readRetryAfter = (text: string): number | null => {
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isNaN(seconds) ? null : Math.max(0, seconds)
}

const failed = (code: CallbackFault['code'], evidence: string): CallbackReply => ({
  kind: 'failed',
  fault: { code, evidence },
})

const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_|EPROTO)/

const faultOf = ({ name, code = '', message }: NodeJS.ErrnoException): CallbackFault => {
  if (name === 'TimeoutError') return { code: 'timeout', evidence: message }
  const evidence = message === '' ? code || name : message
  return { code: UNREACHABLE.test(code) ? 'unreachable' : TLS.test(code) ? 'tls' : 'lost', evidence }
}
