// One connection through the fault proxy: the client's socket, the server's, and a lane each way.
import { Socket } from 'node:net'
import { Lane, type Network } from './lane.ts'

/** Seen from the client: `up` goes to the server, `down` comes from it. */
export type Direction = 'up' | 'down'

export interface Cut {
  readonly direction: Direction
  readonly bytes: number
  /** Called once: with true when the cut was made, with false when the connection ended before. */
  settle(wasMade: boolean): void
}

export interface ConnectionOptions {
  readonly client: Socket
  /** The server's port on the loopback. */
  readonly port: number
  readonly network: Network
  readonly cut: Cut | undefined
  readonly onDelivered: (direction: Direction, bytes: number) => void
  readonly onClosed: () => void
}

export class Connection {
  readonly #client: Socket
  readonly #server = new Socket({ allowHalfOpen: true })
  readonly #lanes: readonly Lane[]
  readonly #options: ConnectionOptions
  #isConnecting = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#client = options.client
    this.#lanes = [this.#openLane('up'), this.#openLane('down')]
    for (const socket of this.#sockets()) {
      socket.setNoDelay(true)
      socket.on('close', () => this.#noticeClosed())
    }
    if (options.cut?.bytes === 0) this.#cut(options.cut)
    else this.pump()
  }

  /** Connect to the server if that is still to be done, and deliver what may be delivered. */
  pump(): void {
    if (this.#options.network.held) return
    if (!this.#isConnecting) {
      this.#isConnecting = true
      this.#server.connect({ host: '127.0.0.1', port: this.#options.port })
    }
    for (const lane of this.#lanes) lane.pump()
  }

  /** RST to both sides. */
  reset(): void {
    this.#closeLanes()
    for (const socket of this.#sockets()) socket.resetAndDestroy()
  }

  /** FIN to both sides; what they still send goes nowhere. */
  finish(): void {
    this.#closeLanes()
    for (const socket of this.#sockets()) {
      socket.end()
      socket.resume()
    }
  }

  #openLane(direction: Direction): Lane {
    const [source, sink] = direction === 'up' ? [this.#client, this.#server] : [this.#server, this.#client]
    const { cut, network, onDelivered } = this.#options
    const allowance = cut?.direction === direction ? cut.bytes : Number.POSITIVE_INFINITY
    return new Lane(source, sink, network, allowance, {
      delivered: (bytes) => onDelivered(direction, bytes),
      cut: () => cut !== undefined && this.#cut(cut),
    })
  }

  #cut(cut: Cut): void {
    this.reset()
    cut.settle(true)
  }

  #closeLanes(): void {
    for (const lane of this.#lanes) lane.close()
  }

  #sockets(): readonly Socket[] {
    return [this.#client, this.#server]
  }

  #noticeClosed(): void {
    if (!this.#sockets().every((socket) => socket.destroyed)) return
    this.#options.cut?.settle(false)
    this.#options.onClosed()
  }
}
