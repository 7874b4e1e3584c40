/**
 * Whether a link may be given up as soon as the network takes nothing. Not again and again: each new one is a login, which may want a touch of a
 * key, and a way that is slow at times, or drops out each minute, is better waited for. Nor where a lease runs: there the end of a link may
 * become the command's.
 */
import { leaseOf, type Spec } from '../domain/spec.ts'

/** Links given up so within this many milliseconds, after which it is left to keepalives. */
const MANY = 3
const WITHIN_MS = 600_000

/** @returns a function that says of a new link what to call when it is given up so; null: it may not be */
export const startEagerness = (
  spec: Pick<Spec, 'keepalive' | 'lease' | 'onDisconnect' | 'plain'>,
  now: () => number,
): (() => (() => void) | null) => {
  const mayBe = spec.keepalive.eager === true && leaseOf(spec) === null
  let ends: readonly number[] = []
  const note = (): void => {
    ends = [...ends, now()].slice(-MANY)
  }
  return () => (mayBe && ends.filter((end) => now() - end < WITHIN_MS).length < MANY ? note : null)
}
