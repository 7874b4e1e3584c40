// The fault proxy makes exactly the fault that was asked for, to the byte.
import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FaultProxy, startProxy } from '../../rig/proxy.ts'
import { until, untilSeen } from '../../rig/until.ts'

/** One end of a connection, with all that it has heard. */
interface End {
  readonly socket: Socket
  readonly heard: Buffer[]
  /** Undefined while open, then how it ended. */
  ending: 'fin' | 'rst' | undefined
}

let server: Server
let proxy: FaultProxy
let served: End[]

beforeEach(async () => {
  served = []
  server = createServer({ allowHalfOpen: true }, (socket) => served.push(listenTo(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  proxy = await startProxy({ to: address.port })
})

afterEach(() => {
  proxy.stop()
  server.close()
})

function listenTo(socket: Socket): End {
  const end: End = { socket, heard: [], ending: undefined }
  socket.on('data', (bytes: Buffer) => end.heard.push(bytes))
  socket.on('end', () => {
    end.ending ??= 'fin'
  })
  socket.on('error', () => {
    end.ending = 'rst'
  })
  return end
}

const soon = { deadline: 5_000 }
const heardBy = (end: End | undefined) => Buffer.concat(end?.heard ?? [])
const endingOf = (end: End | undefined) =>
  untilSeen(
    () => end?.ending,
    (ending) => ending !== undefined,
    soon,
  )

function connect(): End {
  return listenTo(createConnection({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true }))
}

async function connectThrough(): Promise<{ client: End; serving: End }> {
  const before = served.length
  const client = connect()
  const serving = await until(() => served[before], soon)
  return { client, serving }
}

test('passes bytes both ways, and one end at a time', async () => {
  const { client, serving } = await connectThrough()
  client.socket.end('ping')
  expect(await endingOf(serving)).toBe('fin')
  expect(heardBy(serving).toString()).toBe('ping')
  serving.socket.end('pong')
  expect(await endingOf(client)).toBe('fin')
  expect(heardBy(client).toString()).toBe('pong')
  expect(proxy.bytes).toEqual({ up: 4, down: 4 })
  await until(() => proxy.connections === 0, soon)
})

test('passes a reset on', async () => {
  const { client, serving } = await connectThrough()
  client.socket.resetAndDestroy()
  expect(await endingOf(serving)).toBe('rst')
})

test('resets both sides', async () => {
  const { client, serving } = await connectThrough()
  proxy.reset()
  expect([await endingOf(client), await endingOf(serving)]).toEqual(['rst', 'rst'])
})

test('finishes both sides', async () => {
  const { client, serving } = await connectThrough()
  proxy.finish()
  expect([await endingOf(client), await endingOf(serving)]).toEqual(['fin', 'fin'])
})

test('keeps in a hole what arrives, and delivers it in order when healed', async () => {
  const { client, serving } = await connectThrough()
  proxy.hole()
  client.socket.write('one ')
  client.socket.end('two')
  const late = connect()
  late.socket.write('late')
  await until(() => proxy.accepted === 2, soon)
  // Whatever could leak, leaks while a connection beside the hole makes a whole round.
  await exchangeBeside()
  expect(heardBy(serving).toString()).toBe('')
  expect(serving.ending).toBe(undefined)
  expect(served).toHaveLength(2)
  proxy.heal()
  expect(await endingOf(serving)).toBe('fin')
  expect(heardBy(serving).toString()).toBe('one two')
  await untilSeen(
    () => heardBy(served.at(-1)).toString(),
    (seen) => seen === 'late',
    soon,
  )
})

/** A connection to the server that does not go through the proxy. */
async function exchangeBeside(): Promise<void> {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const socket = createConnection({ host: '127.0.0.1', port: address.port })
  const before = served.length
  await until(() => served.length > before, soon)
  socket.end('x')
  expect(await endingOf(served.at(-1))).toBe('fin')
}

test('feels full when the reader is slow, and loses nothing', async () => {
  const { client, serving } = await connectThrough()
  serving.socket.pause()
  const sent = Buffer.alloc(32 * 1024 * 1024, 'abcdefg')
  client.socket.end(sent)
  await untilSeen(
    () => proxy.bytes.up,
    (bytes) => bytes > 0,
    soon,
  )
  serving.socket.resume()
  expect(await endingOf(serving)).toBe('fin')
  expect(heardBy(serving).equals(sent)).toBe(true)
})

test('refuses, and accepts again on the same port', async () => {
  const { client, serving } = await connectThrough()
  proxy.refuse()
  expect(await endingOf(connect())).toBe('rst')
  client.socket.end('still here')
  expect(await endingOf(serving)).toBe('fin')
  await proxy.accept()
  await connectThrough()
  expect(served).toHaveLength(2)
})

test('delays', async () => {
  const { client, serving } = await connectThrough()
  proxy.delay(100)
  const start = performance.now()
  client.socket.end('late')
  expect(await endingOf(serving)).toBe('fin')
  expect(performance.now() - start).toBeGreaterThanOrEqual(99)
  expect(heardBy(serving).toString()).toBe('late')
})

test.each([0, 1, 2, 4095, 65_536, 1_000_003])('cuts upwards after exactly %i bytes', async (bytes) => {
  const cut = proxy.cutAfter(bytes, 'up')
  const client = connect()
  client.socket.write(Buffer.alloc(2_000_000))
  expect(await cut).toBe(true)
  expect(await endingOf(client)).toBe('rst')
  // Not asked how: Node takes a reset that comes together with the last bytes for a mere end.
  if (bytes > 0) await endingOf(served[0])
  expect(heardBy(served[0])).toHaveLength(bytes)
})

test('cuts downwards after exactly so many bytes, also when the reader is slow', async () => {
  const cut = proxy.cutAfter(5_000_000, 'down')
  const { client, serving } = await connectThrough()
  client.socket.pause()
  serving.socket.write(Buffer.alloc(20_000_000))
  await untilSeen(
    () => proxy.bytes.down,
    (seen) => seen > 0,
    soon,
  )
  client.socket.resume()
  expect(await cut).toBe(true)
  await endingOf(client)
  expect(heardBy(client)).toHaveLength(5_000_000)
})

test('says when a connection ended before its cut', async () => {
  const cut = proxy.cutAfter(10, 'up')
  const { client, serving } = await connectThrough()
  client.socket.end('short')
  serving.socket.end()
  expect(await cut).toBe(false)
})
