/**
 * How long a try may wait for a machine. Where nobody is, ssh's kernel asks again after 1, 2, 4, 8 s, and a machine that is back is not noticed
 * in between; so a machine that was reached soon before is tried anew soon.
 */
import type { Fault } from '../domain/fault.ts'
import type { Spec } from '../domain/spec.ts'

/** Seconds: a try asks twice in so long; and each third takes longer, for a way that is slower than it was. */
const SHORT = 2
const LONGER = 4
const SOME = 3
/** Failures after which nobody waits for it any more, as far as is known: two minutes of short tries, when somebody does. Each takes a start of ssh. */
const MANY = 60

export interface Patience {
  /** For the next try, in whole seconds. */
  readonly seconds: () => number
  /** It took so long to its greeting: of that, what ssh counts as a try is the smaller part. */
  readonly reached: (ms: number) => void
  readonly failed: (fault: Fault) => void
}

/** None is short over a shared connection: what a session over it takes says nothing of how long it takes to connect. */
export const startPatience = ({
  connectTimeout: most,
  sharesConnection,
}: Pick<Spec, 'connectTimeout' | 'sharesConnection'>): Patience => {
  let usual: number | null = null
  let failures = 0
  let isSlow = false
  return {
    seconds: () => {
      if (sharesConnection || usual === null || isSlow || failures >= MANY) return most
      return Math.min(most, Math.max(failures % SOME === SOME - 1 ? LONGER : SHORT, Math.ceil(usual / 1000)))
    },
    reached: (ms) => {
      usual = ms
      failures = 0
      isSlow = false
    },
    failed: ({ code, evidence }) => {
      // What is refused at once asks nothing of anybody's patience.
      if (code === 'timeout') failures += 1
      // It takes connections, and is busy: one more try that is broken off would be one more burden. So is anything behind a ProxyJump.
      isSlow = code === 'busy' || /banner/.test(evidence)
    },
  }
}
