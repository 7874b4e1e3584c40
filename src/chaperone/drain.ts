/** Waiting for the rest of the output: up to the recorded sizes, and not a byte less. */
import type { Sizes } from '../domain/report.ts'
import type { World } from './world.ts'

/** Milliseconds: the first look again, and the longest time between two. */
const FIRST_MS = 1
const LONGEST_MS = 50
/** Milliseconds without a byte after which no more is waited for: the link is kept alive, so the remote does not have it. */
const STALLED_MS = 120_000

/**
 * @param isHeld is nothing fetched for the time being?
 * @returns how to give up
 */
export const startDrain = (
  world: World,
  upTo: Sizes | 'end' | 'now',
  streamsEnded: () => boolean,
  isHeld: () => boolean,
  onDrained: (sizes: Sizes) => void,
): (() => void) => {
  let cancel = (): void => undefined
  let last = -1
  let still = 0
  /** @param waited milliseconds since the last look */
  const look = (waited: number): void => {
    const sizes = world.sizes()
    if (sizes === null) return // deleted: the next save says so
    const done = upTo === 'now' || (upTo === 'end' ? streamsEnded() : reached(sizes, upTo))
    const came = sumOf(sizes) - last
    last += came
    still = came === 0 && !isHeld() ? still + waited : 0
    if (done || still > STALLED_MS) return finish(sizes)
    // As long as the rest takes at this rate, so that who waits for the end of much does not wait for the next look.
    const isSteady = typeof upTo !== 'string' && came > 0
    const wanted = isSteady ? (waited * (sumOf(upTo) - last)) / came : waited * 2
    const pause = Math.min(LONGEST_MS, Math.max(FIRST_MS, wanted))
    cancel = world.after(pause, () => look(pause))
  }
  /** Whoever sees the end finds all lines in the file of `--log-file`. */
  const finish = (sizes: Sizes): void => {
    if (world.logRest() === 'more') cancel = world.after(FIRST_MS, () => finish(sizes))
    else {
      world.mark()
      onDrained(sizes)
    }
  }
  look(0)
  return () => cancel()
}

const sumOf = ({ stdout, stderr, runs = 0 }: Sizes): number => stdout + stderr + runs

const reached = (have: Sizes, want: Sizes): boolean =>
  have.stdout >= want.stdout && have.stderr >= want.stderr && (have.runs ?? 0) >= (want.runs ?? 0)
