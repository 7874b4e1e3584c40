/** What a transport is: a way to run sh somewhere, several times. */
import type { Fault } from '../domain/fault.ts'
import type { Child } from './child.ts'

/** Milliseconds for ssh, whose own limit on a try is the same as a link's, to say first what it waited for. */
export const OWN_WORDS_MS = 500

/** The files of the spool that a link reads and writes. */
export interface LinkFiles {
  readonly stdin: string
  readonly stdout: string
  readonly stderr: string
  readonly runs: string
}

/** Files that a session's stdin and stdout are opened on, so that no byte of them passes through node; null: /dev/null. */
export interface SessionEnds {
  readonly stdin: string | null
  readonly stdout: string | null
  /** The line after which stdout is the script's: where rc files print, all of it has to pass through node. null: from the start. */
  readonly mark: string | null
}

export interface Follow {
  /** null: it ended well. Never rejects. */
  readonly ended: Promise<Fault | null>
  readonly finished: () => boolean
}

/** A way to run sh somewhere, several times: what a transport is. */
export interface Transport {
  /** Starts the sh that becomes the control session: stdin and stdout are pipes. */
  readonly control: () => Child
  /** Runs a script by sh there, over the same connection; null: the output is written here without followers. */
  readonly session: ((script: string, ends: SessionEnds) => Follow) | null
  /** What a control session that ended without a greeting died of; or one that had greeted. */
  readonly explain: (status: number | null | Error, noise: readonly string[], greeted: boolean) => Fault
  /**
   * How often in a row the network did not take what was sent; undefined: all was taken. Missing: nobody can tell, or the connection is not
   * only ours.
   */
  readonly resends?: () => number | undefined
  /** Ends all processes of the transport and sees them dead. */
  readonly end: () => Promise<void>
}
