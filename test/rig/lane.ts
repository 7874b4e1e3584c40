// One direction of one proxied connection: bytes, FIN and RST queue up here, and leave in order when they may.
import type { Socket } from 'node:net'
import { waitUntilSent } from './sent.ts'

/** What all lanes of a proxy share, and the proxy changes under them. */
export interface Network {
  /** A black hole: nothing leaves a lane. */
  held: boolean
  /** Milliseconds that everything spends in a lane. */
  delay: number
}

export interface LaneEvents {
  delivered(bytes: number): void
  /** The lane has delivered exactly as many bytes as it was allowed to, and its sink's peer has them. */
  cut(): void
}

type Parcel = { readonly due: number } & (
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'fin' }
  | { readonly kind: 'rst' }
)

// Past this the lane stops reading, and the sender feels it, as with a full TCP window.
const queueLimit = 1024 * 1024

export class Lane {
  readonly #source: Socket
  readonly #sink: Socket
  readonly #network: Network
  readonly #events: LaneEvents
  readonly #queue: Parcel[] = []
  #queued = 0
  #allowance: number
  #isBlocked = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor(source: Socket, sink: Socket, network: Network, allowance: number, events: LaneEvents) {
    this.#source = source
    this.#sink = sink
    this.#network = network
    this.#allowance = allowance
    this.#events = events
    source.on('data', (bytes: Buffer) => this.#accept({ kind: 'bytes', bytes, due: this.#due() }))
    source.on('end', () => this.#accept({ kind: 'fin', due: this.#due() }))
    source.on('error', () => this.#accept({ kind: 'rst', due: this.#due() }))
    sink.on('drain', () => {
      this.#isBlocked = false
      this.pump()
    })
  }

  /** Deliver what may be delivered now. */
  pump(): void {
    while (!this.#network.held && !this.#isBlocked && !this.#isClosed) {
      const next = this.#queue[0]
      if (next === undefined) break
      const early = next.due - performance.now()
      if (early > 0) {
        this.#pumpLater(early)
        break
      }
      this.#queue.shift()
      this.#deliver(next)
    }
    if (this.#queued < queueLimit) this.#source.resume()
  }

  /** Deliver nothing more, whatever still comes. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#queue.length = 0
    this.#queued = 0
  }

  #due(): number {
    return performance.now() + this.#network.delay
  }

  #accept(parcel: Parcel): void {
    if (this.#isClosed) return
    this.#queue.push(parcel)
    if (parcel.kind === 'bytes') this.#queued += parcel.bytes.length
    if (this.#queued >= queueLimit) this.#source.pause()
    this.pump()
  }

  #pumpLater(delay: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.pump(), delay)
  }

  #deliver(parcel: Parcel): void {
    if (parcel.kind === 'fin') this.#sink.end()
    else if (parcel.kind === 'rst') this.#sink.resetAndDestroy()
    else this.#deliverBytes(parcel.bytes)
  }

  #deliverBytes(bytes: Buffer): void {
    this.#queued -= bytes.length
    const allowed = bytes.subarray(0, this.#allowance)
    this.#allowance -= allowed.length
    this.#isBlocked = !this.#sink.write(allowed)
    this.#events.delivered(allowed.length)
    if (this.#allowance === 0) this.#cut()
  }

  #cut(): void {
    this.close()
    // Empty writes call back when all earlier ones are with the kernel.
    this.#sink.write('', () => void waitUntilSent(this.#sink).then(() => this.#events.cut()))
  }
}
