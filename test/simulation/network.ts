// The network between here and the remote: it delays, breaks, refuses, or swallows everything in silence.
import type { Fault } from '../../src/domain/fault.ts'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

export interface Wire {
  /** Runs at the other end, later, in order; never if the wire breaks before. */
  readonly up: (run: () => void) => void
  readonly down: (run: () => void) => void
  /** Nothing arrives any more, in either direction. */
  readonly sever: () => void
}

export interface Network {
  /** Until then nothing arrives; what is under way comes later. */
  silentUntil: number
  /** While this is set, each try to connect ends with it. */
  refusal: Fault | undefined
  readonly isSilent: () => boolean
  readonly latency: () => number
  readonly lay: () => Wire
}

export const startNetwork = (clock: Clock, random: Random): Network => {
  const slowness = random.pick([1, 20, 200])
  const network: Network = {
    silentUntil: 0,
    refusal: undefined,
    isSilent: () => clock.now() < network.silentUntil,
    latency: () => (random.chance(0.03) ? random.between(0, 10 * slowness) : random.between(0.1, slowness)),
    lay: () => {
      let isWhole = true
      const direction = (): ((run: () => void) => void) => {
        const queue: (() => void)[] = []
        let last = 0
        const arrive = (): void => {
          if (!isWhole) return
          if (network.isSilent()) clock.after(network.silentUntil - clock.now(), arrive)
          // In order, as TCP has it.
          else queue.shift()?.()
        }
        return (run) => {
          last = Math.max(last, clock.now() + network.latency())
          queue.push(run)
          clock.after(last - clock.now(), arrive)
        }
      }
      return {
        up: direction(),
        down: direction(),
        sever: () => {
          isWhole = false
        },
      }
    },
  }
  return network
}
