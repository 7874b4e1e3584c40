/** What was asked: written once, before anything is started, and never changed. */
import type { SecretSource } from './secret.ts'
import type { Signal } from './signals.ts'

/** What to run: an argv passed exactly, or a shell's command line. */
export type Program =
  | { readonly argv: readonly [string, ...string[]]; readonly command?: never }
  | { readonly command: string; readonly argv?: never }

/** A command that runs another one somewhere else, or as somebody else: `sudo -n -u www --`, `docker exec -i web`, `ssh -T host`. */
export interface Hop {
  readonly argv: readonly [string, ...string[]]
  /** argv: what follows is passed word by word, as sudo does. line: it is joined and read by a shell, as ssh does. */
  readonly words: 'argv' | 'line'
}

/** How the machine is reached. */
export type Route =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'ssh'
      /** As ssh takes it: `[user@]host` or an `ssh://` address. */
      readonly destination: string
      /** Options for ssh, given by the user, passed before chap's own. */
      readonly options: readonly string[]
      /** Hops from there on, in their order. */
      readonly onward: readonly Hop[]
    }
  /** Commands of which each session is a process of its own. */
  | { readonly kind: 'hops'; readonly hops: readonly [Hop, ...Hop[]] }

/** How long things may take, in whole seconds, and how much may be written; null: as long as they do, and all of it. */
export interface Limits {
  /** All tries to get the command begun, together. Once it has begun, nothing is given up. */
  readonly giveUpAfter: number | null
  /** The command's run, counted where it runs. */
  readonly timeout: number | null
  /** The time without a byte on either stream, as its machine sees it. */
  readonly idleTimeout: number | null
  /** Bytes on both streams together, counted where it runs; of a series, those of all its runs. */
  readonly maxOutput: number | null
  /** keep: with more it goes on, and what lies between head and end is not kept. kill: it is ended. */
  readonly onMaxOutput: 'keep' | 'kill'
  /** From SIGTERM to SIGKILL when one of these ends the command. */
  readonly grace: number
}

/** The command is run again and again: fire N is due at the beginning + initialDelay + (N-1) * every, whatever the runs take. */
export interface Series {
  /** Milliseconds, in whole hundredths of a second; the others, too. */
  readonly every: number
  /** Fires, those that are missed among them; null: until it is killed. */
  readonly count: number | null
  readonly initialDelay: number
  /** Each fire is put off by a random time below this. */
  readonly jitter: number
  /** When a fire is due while the run before it goes on: skip it, or run (the newest of such) now, when that has ended. */
  readonly overrun: 'skip' | 'now'
}

/** A job's place among those that were started together, one for each host. */
export interface GroupPlace {
  /** Like a job's id, and never one. */
  readonly id: string
  readonly size: number
  /** From 0, in the order in which the hosts were given, and in which they get their turns. */
  readonly index: number
  /** How many may run at once; null: all. */
  readonly maxParallel: number | null
  /** Are the others to be ended when one fails? */
  readonly failFast: boolean
  /** The group whose failed jobs these are anew. */
  readonly retryOf: string | null
}

/** To whom the job's output and its end are sent. The token is in a file of its own, never here. */
export interface Callback {
  /** http or https, without a slash at its end; `{id}` in it stands for the job's id. */
  readonly url: string
  readonly method: string
  /** A PEM file with the certificates to trust, absolute; null: the system's. */
  readonly ca: string | null
  /** Seconds between tries, while the receiver can't take anything. */
  readonly retryFrequency: number
  /** Seconds of such tries in a row, until it is given up. */
  readonly timeout: number
  /** Bytes that are sent at once, without waiting for more. */
  readonly outputBuffer: number
  /** Seconds that fewer bytes wait for more. */
  readonly outputLatency: number
}

export interface Keepalive {
  /** Seconds between ssh's keepalives, and how many may go unanswered. */
  readonly interval: number
  readonly count: number
  /** A link is given up sooner when output has ceased and the network takes nothing any more. Never where the command ends with its link. */
  readonly eager?: boolean
}

export interface Spec {
  readonly id: string
  /** Random, 16 hexadecimal digits: makes the job's name unique on a remote account that several machines share. */
  readonly nonce: string
  readonly name: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly host: string | null
  readonly route: Route
  readonly program: Program
  /** Absolute for a local job; as the remote's shell understands it for another; null: the home directory there. */
  readonly cwd: string | null
  /** Set on top of what the machine gives. null: the value is kept apart, until the job has ended. */
  readonly env: Readonly<Record<string, string | null>>
  /** Of what the machine gives: all of it, nothing, or only these names. */
  readonly inherit: boolean | readonly string[]
  /** Names that are taken from that as well. */
  readonly unset: readonly string[]
  /** The job has a file `stdin` in its directory; otherwise it reads /dev/null. */
  readonly hasStdin: boolean
  /** That file grows while the job runs: its stdin stays open. */
  readonly stdinOpen: boolean
  readonly onDisconnect: 'keep' | 'kill'
  /** No launcher: only what plain ssh gives. */
  readonly plain: boolean
  /** Seconds that the command may go on with no chaperone in contact; null: for ever. */
  readonly lease: number | null
  readonly keepalive: Keepalive
  /** Seconds for one try to connect, all the way to the greeting of what runs there. */
  readonly connectTimeout: number
  readonly limits: Limits
  /** null: one run. The limits of a run are those of each. */
  readonly series: Series | null
  /** Where on the remote the job's directory goes; null: `~/.local/state/chap-remote`. */
  readonly remoteDir: string | null
  /** Where the password or passphrase comes from that ssh may ask for. */
  readonly secret: SecretSource
  /** Over one connection with all jobs that are reached in the same way. */
  readonly sharesConnection: boolean
  /** A line for `sh -c`, run once on this machine when the job has ended; null: none. */
  readonly onExit: string | null
  /** null: nobody is told. */
  readonly callback: Callback | null
  readonly group: GroupPlace | null
  /** The job whose command this is once more; null: it is asked for the first time. That job may be gone. */
  readonly rerunOf: string | null
  /** A file of this machine to which each line is appended, absolute; null: none. */
  readonly logFile: string | null
  /**
   * Of a job whose id the caller chose, digests of what was asked, by its place in a document: so it is known whether another call asks for the
   * same. null: the id was drawn.
   */
  readonly asked: Readonly<Record<string, string>> | null
  readonly created: { readonly time: string; readonly host: string; readonly user: string }
}

/** Is the command to be ended when its link is lost? */
export const endsWithLink = (spec: Pick<Spec, 'onDisconnect' | 'plain'>): boolean =>
  spec.plain || spec.onDisconnect === 'kill'

/** Seconds after which the command is ended when no chaperone was in contact; null: never. */
export const leaseOf = ({
  lease,
  keepalive,
  ...spec
}: Pick<Spec, 'lease' | 'keepalive' | 'onDisconnect' | 'plain'>): number | null =>
  lease ?? (endsWithLink(spec) ? Math.max(2, keepalive.interval * keepalive.count) : null)

/** What a person or program asked of the chaperone. */
export type Request = {
  /** The file's name: unique, and in the order of arrival. */
  readonly id: string
  readonly time: string
  readonly by: Asker
} & (
  | {
      readonly kind: 'stop'
      readonly signal: Signal /** Seconds from this signal to SIGKILL. */
      readonly grace: number
    }
  | { readonly kind: 'signal'; readonly signal: Signal }
  /** For stdin: base64, and whether no more is to come. */
  | { readonly kind: 'input'; readonly data: string; readonly eof: boolean }
)

export interface Asker {
  readonly user: string
  readonly host: string
  readonly pid: number
  /** Nobody asked by hand: this job of the same group failed (--fail-fast). */
  readonly job?: string | undefined
}
