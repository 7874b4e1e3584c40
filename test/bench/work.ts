// One measurement of many, and the world that it is given: fresh for each, and ended with it.
import type { Spool } from '../rig/spool.ts'
import type { Sshd } from '../rig/sshd.ts'
import type { Account } from './account.ts'
import type { Result } from './row.ts'

export interface Bench {
  /** The checkout. */
  readonly root: string
  /** How chap is called. */
  readonly chap: readonly string[]
  readonly rounds: number
  readonly sshd: Sshd
  readonly spool: Spool
  /** What sshd and all that runs in its sessions use; undefined where no control group can be made. */
  readonly there: Account | undefined
  /** Aborted when the work's time is up, or the whole is interrupted. */
  readonly signal: AbortSignal
  /** The first in earnest, the second for `--quick`, which only shows that all of it works. */
  size(full: number, quick: number): number
  has(program: string): boolean
  say(text: string): void
}

export interface Work {
  /** For the command line. */
  readonly name: string
  /** Only when it is named. */
  readonly isExtra?: boolean
  /** Its files lie in memory where there is room: they are gigabytes, and a disk's noise would be in everybody's figure. */
  readonly isInMemory?: boolean
  /** Seconds, with three rounds, after which it has failed: some times what it takes. */
  readonly limit: number
  measure(bench: Bench): Promise<Result>
}
