/** Sends one request at a time to a callback's receiver. The HTTP client is loaded with the first of them. */
import type { CallbackReply, StreamName } from '../../domain/callback-reply.ts'
import type { Callback } from '../../domain/spec.ts'
import { readToken } from '../../spool/callback.ts'
import type { JobPaths } from '../../spool/layout.ts'
import type { Client } from './exchange.ts'

export interface Poster {
  /**
   * Never rejects for what a network or a receiver can do, but for a token that can't be read now.
   * @param stream whose bytes they are; none: it is about both
   */
  readonly post: (
    path: string,
    about: Readonly<Record<string, string>>,
    body: Uint8Array,
    stream?: StreamName,
  ) => Promise<CallbackReply>
  readonly close: () => void
}

/** @param left aborts what is on its way */
export const startPoster = (id: string, callback: Callback, paths: JobPaths, left: AbortSignal): Poster => {
  let client: Client | undefined
  const close = (): void => {
    client?.close()
    client = undefined
  }
  return {
    post: async (path, about, body, stream) => {
      const { openClient } = await import('./exchange.ts')
      try {
        client ??= openClient(callback.ca)
      } catch (error) {
        // The file with the certificates may come back.
        return { kind: 'failed', fault: { code: 'tls', evidence: (error as Error).message } }
      }
      const url = new URL(`${callback.url.replaceAll('{id}', id)}/${path}`)
      const type = stream === undefined ? 'application/json' : 'application/octet-stream'
      const headers = { 'content-type': type, 'user-agent': 'chap', 'chap-job': id, ...about }
      const asking = { url, method: callback.method, headers, body, token: readToken(paths), stream, left }
      const reply = await client.exchange(asking)
      // Whatever was the matter, the next try begins with a connection of its own.
      if (reply.kind === 'failed') close()
      return reply
    },
    close,
  }
}
