// A TCP proxy on the loopback that makes the network's faults on command.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { Connection, type Cut, type Direction } from './connection.ts'
import type { Network } from './lane.ts'
import { pickPort } from './ports.ts'

export interface FaultProxy {
  readonly port: number
  /** Connections open now. */
  readonly connections: number
  /** Connections accepted ever. */
  readonly accepted: number
  /** Bytes delivered ever, by all connections: `up` to the server, `down` to clients. */
  readonly bytes: Readonly<Record<Direction, number>>
  /** RST every connection, to both sides. */
  reset(): void
  /** FIN every connection, to both sides. */
  finish(): void
  /** Deliver nothing, not even an end; keep what arrives. New connections are accepted and hear nothing. */
  hole(): void
  /** End the hole: what was kept is delivered, in order. */
  heal(): void
  /** Close the listening socket: new connections are refused, those that are open stay. */
  refuse(): void
  /** Listen again, on the same port. */
  accept(): Promise<void>
  /** From now on, let everything arrive this many milliseconds later. */
  delay(milliseconds: number): void
  /**
   * RST the next connection, both sides, when exactly so many bytes have arrived in that direction. Resolves to true
   * when it is done, to false if the connection ended before.
   */
  cutAfter(bytes: number, direction: Direction): Promise<boolean>
  stop(): void
}

/** Stand in front of the server that listens on this port of 127.0.0.1. */
export async function startProxy({ to }: { readonly to: number }): Promise<FaultProxy> {
  const port = await pickPort()
  const network: Network = { held: false, delay: 0 }
  const bytes = { up: 0, down: 0 }
  const live = new Set<Connection>()
  const cuts: Cut[] = []
  let accepted = 0
  let server: Server | undefined = await listen(port, connect)

  function connect(client: Socket): void {
    accepted++
    const connection = new Connection({
      client,
      port: to,
      network,
      cut: cuts.shift(),
      onDelivered: (direction, count) => {
        bytes[direction] += count
      },
      onClosed: () => live.delete(connection),
    })
    live.add(connection)
  }

  const proxy: FaultProxy = {
    port,
    bytes,
    get connections() {
      return live.size
    },
    get accepted() {
      return accepted
    },
    reset() {
      for (const connection of live) connection.reset()
    },
    finish() {
      for (const connection of live) connection.finish()
    },
    hole() {
      network.held = true
    },
    heal() {
      network.held = false
      for (const connection of live) connection.pump()
    },
    refuse() {
      server?.close()
      server = undefined
    },
    async accept() {
      server ??= await listen(port, connect)
    },
    delay(milliseconds) {
      network.delay = milliseconds
    },
    cutAfter(count, direction) {
      return new Promise((settle) => {
        cuts.push({ bytes: count, direction, settle })
      })
    },
    stop() {
      proxy.refuse()
      proxy.reset()
      for (const cut of cuts.splice(0)) cut.settle(false)
    },
  }
  return proxy
}

async function listen(port: number, connect: (client: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, connect)
  server.listen({ host: '127.0.0.1', port })
  await once(server, 'listening')
  return server
}
