// The example receiver on a port of the loopback, with faults on command in front of it.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { createReceiver } from '../examples/receiver.ts'
import { pickPort } from './ports.ts'

export interface Receiver {
  /** For --callback. */
  readonly url: string
  readonly port: number
  /** What the requests were, in their order. */
  readonly seen: readonly {
    readonly url: string
    readonly method: string
    readonly headers: IncomingMessage['headers']
  }[]
  /** Takes part of the requests: true: it was answered here. */
  fault: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  /** What is stored of a job. */
  has(job: string): {
    readonly stdout: string
    readonly stderr: string
    readonly completed: Record<string, unknown> | null
  }
  up(): Promise<void>
  /** Nobody listens any more, and what was open is cut. */
  down(): Promise<void>
}

export const TOKEN = 'tok-9f8e7d6c5b4a'

export const startReceiver = async (
  dir: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Receiver> => {
  const port = await pickPort()
  const inner = createReceiver(dir, TOKEN)
  const seen: { url: string; method: string; headers: IncomingMessage['headers'] }[] = []
  let server: Server | undefined
  const read = (job: string, name: string): string | null => {
    const path = join(dir, job, name)
    return existsSync(path) ? readFileSync(path, 'latin1') : null
  }
  const receiver: Receiver = {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}/jobs/{id}`,
    port,
    seen,
    fault: undefined,
    has: (job) => {
      const completed = read(job, 'completed.json')
      return {
        stdout: read(job, 'stdout') ?? '',
        stderr: read(job, 'stderr') ?? '',
        completed: completed === null ? null : JSON.parse(completed),
      }
    },
    up: async () => {
      const listener = (request: IncomingMessage, response: ServerResponse): void => {
        // What is cut off is cut off.
        request.on('error', () => undefined)
        seen.push({ url: request.url ?? '', method: request.method ?? '', headers: request.headers })
        if (receiver.fault?.(request, response) !== true) inner.emit('request', request, response)
      }
      server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
      server.listen(port, 'localhost')
      await once(server, 'listening')
    },
    down: async () => {
      const closed = server
      server = undefined
      if (closed === undefined) return
      closed.close()
      closed.closeAllConnections()
      await once(closed, 'close')
    },
  }
  await receiver.up()
  return receiver
}
