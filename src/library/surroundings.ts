/** What the library takes of the world around it, beside the spool itself: the caller's environment, directory and name, and the clock. */
import { homedir, hostname, userInfo } from 'node:os'
import { resolve } from 'node:path'
import type { Asker } from '../domain/spec.ts'
import { findSpool } from '../spool/layout.ts'

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute. */
  readonly spool: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** @throws ErrnoException when it was deleted */
  readonly cwd: () => string
  readonly self: () => Asker
}

/** What every function of the library takes. */
export interface InSpool {
  /** The spool's directory. By default that of the command line: `$CHAP_SPOOL`, else `$XDG_STATE_HOME/chap`, else `~/.local/state/chap`. */
  readonly spool?: string
}

/** This process's own. */
export const surroundingsOf = ({ spool }: InSpool = {}): Surroundings => ({
  env: process.env,
  spool: resolve(spool ?? findSpool(process.env, homedir())),
  now: Date.now,
  cwd: () => process.cwd(),
  self: () => ({ user: userInfo().username, host: hostname(), pid: process.pid }),
})
