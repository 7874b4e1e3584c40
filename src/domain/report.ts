/** What a link says of the job: the launcher's answers, as data. */
import type { Fault } from './fault.ts'
import type { EndedBy } from './outcome.ts'

export interface Sizes {
  readonly stdout: number
  readonly stderr: number
  /** Of a series: the notes of its runs. */
  readonly runs?: number
}

/** POSIX cksum of each stream; null where the remote has no cksum, or stores no output. */
export interface Checksums {
  readonly stdout: number | null
  readonly stderr: number | null
}

/** The proof that the command began. */
export interface Begun {
  /** The command's pid; null where nobody can tell (`--plain`). */
  readonly pid: number | null
  /** What put the command in a session of its own: setsid, perl, python3, or nohup (which does not). */
  readonly session: string | null
  readonly bootId: string | null
}

/** The launcher's record of the command's end. */
export interface ExitRecord {
  /** The shell's `$?`. */
  readonly status: number
  readonly why: EndedBy
  /** A process left behind still held the streams: what it wrote later is not in the sizes. */
  readonly late: boolean
  /** Seconds since the epoch, by the remote's clock. */
  readonly start: number
  readonly end: number
  /** Bytes written; null where the remote stores no output (`--on-disconnect kill`, `--plain`). */
  readonly sizes: Sizes | null
  readonly checksums: Checksums
  /** Seconds of CPU of the command and its waited-for children; null where nobody can tell. */
  readonly cpu: { readonly user: number; readonly system: number } | null
}

export type Report =
  /** Nothing was launched. fresh: the directory had to be made, so it holds no trace of an earlier launch. why: what kept it from being written there. */
  | { readonly kind: 'absent'; readonly fresh: boolean; readonly why?: string }
  /** The launch was asked for, and certainly came to nothing (`--plain`: ssh was never let in). */
  | { readonly kind: 'unlaunched'; readonly fault: Fault }
  | { readonly kind: 'running'; readonly begun: Begun }
  /** groupAlive: members of the command's process group outlived it. */
  | { readonly kind: 'ended'; readonly record: ExitRecord; readonly begun: Begun | null; readonly groupAlive: boolean }
  /** isStuck: a series that was to go on could not. */
  | {
      readonly kind: 'lost'
      readonly why: 'rebooted' | 'supervisor_died' | 'never_began'
      readonly sizes: Sizes
      readonly isStuck?: true
    }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unreadable'; readonly text: string }
