/** Renews the lease of a job whose command ends when no chaperone is in contact. */
import { leaseOf } from '../domain/spec.ts'
import type { Link } from '../transport/link.ts'
import type { startTimers } from './timers.ts'
import type { World } from './world.ts'

/** A lease is renewed so many times before it would run out. */
const BEATS_PER_LEASE = 4

/** @returns begins, and goes on as long as there is a link */
export const startBeats = (
  { spec }: World,
  timers: ReturnType<typeof startTimers>,
  linkNow: () => Link | undefined,
): (() => void) => {
  const lease = leaseOf(spec)
  const beat = (): void => {
    const link = linkNow()
    if (lease === null || link === undefined) return
    void link.beat()
    timers.set('beat', (lease * 1000) / BEATS_PER_LEASE, beat)
  }
  return beat
}
