/** One exchange with a receiver that does as none should. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Client, openClient } from '../../../src/chaperone/callback/exchange.ts'
import type { CallbackReply } from '../../../src/domain/callback-reply.ts'

let server: Server | undefined
let client: Client | undefined
afterEach(() => {
  client?.close()
  server?.close()
  server?.closeAllConnections()
})

const send = async (
  listener: RequestListener,
  limit = 20_000,
  left = new AbortController().signal,
): Promise<CallbackReply> => {
  server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = openClient(null, limit)
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/output/stdout`)
  return client.exchange({
    url,
    method: 'POST',
    headers: { 'chap-offset': '0' },
    body: Buffer.from('out'),
    token: 'secret',
    stream: 'stdout',
    left,
  })
}

test('one that never answers is too slow', async () => {
  expect(await send(() => undefined, 100)).toMatchObject({ kind: 'failed', fault: { code: 'timeout' } })
})

test('one that never ends its answer is too slow', async () => {
  const reply = await send((_, response) => void response.writeHead(200).write('and'), 100)
  expect(reply).toMatchObject({ kind: 'failed', fault: { code: 'timeout' } })
})

test('one that redirects in a circle is followed five times', async () => {
  let asked = 0
  const reply = await send((request, response) => {
    asked += 1
    request.resume()
    response.writeHead(307, { location: '/again' }).end()
  })
  expect(reply).toMatchObject({ kind: 'failed', fault: { code: 'redirect', evidence: 'more than 5 redirects' } })
  expect(asked).toBe(6)
})

test('one that says nonsense is read as far as it goes, and never quoted', async () => {
  const reply = await send((request, response) => {
    request.resume()
    response
      .writeHead(409, { 'chap-offset': '-1', 'retry-after': 'soon' })
      .end(`you said ${request.headers.authorization}`)
  })
  expect(reply).toEqual({ kind: 'answered', status: 409, has: {}, retryAfter: null, evidence: 'HTTP 409 Conflict' })
  const moved = await send((request, response) => {
    request.resume()
    response.writeHead(302, { location: 'http://login.example:81/secret?secret' }).end()
  })
  const evidence = 'HTTP 302 Found, to http://login.example:81'
  expect(moved).toEqual({ kind: 'failed', fault: { code: 'redirect', evidence } })
})

test('one whose certificate file is gone is no receiver: the system says so', () => {
  expect(() => openClient('/nonexistent.pem')).toThrow('ENOENT')
})
