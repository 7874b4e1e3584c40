/**
 * A command as a program asks for it. The options are those of `chap start`, by their long names in camelCase, and mean the same; none has to
 * be given. Durations are milliseconds. The config file's hosts and defaults are the command line's own: here a host is what ssh knows.
 */
import type { Hop, Keepalive } from '../domain/spec.ts'
import type { CallbackOptions } from './callback-options.ts'
import type { SeriesOptions } from './series-options.ts'

/** What runs: words, passed exactly whatever shells are on the way, the first of them the program; or a line for `sh` (`-c`). */
export type Program = readonly string[] | string

export interface Command extends Omit<CommandOptions, 'label' | 'env'> {
  readonly program: Program
  /** `[user@]host[:port]`, an `ssh://` address, or an alias of ssh's configuration; none: this machine. */
  readonly host?: string
  readonly label?: Readonly<Record<string, string>>
  /** Set in the job, on top of what its machine gives. Never shown, and not kept when the job has ended. */
  readonly env?: Readonly<Record<string, string>>
}

export interface CommandOptions extends SeriesOptions {
  /**
   * The job's id, 3 to 32 lower-case letters and digits, a letter first. Who asks again for the same under the same id gets the job that there
   * is; for something else, the problem `id_taken`. A job that was removed does not count. By default a free one is drawn.
   */
  readonly id?: string
  /** For finding it again; several jobs may have the same. */
  readonly name?: string
  readonly label?: Readonly<Record<string, string>>
  /** `NAME=value`, or `NAME` for the value here; or values by name. */
  readonly env?: readonly string[] | Readonly<Record<string, string>>
  /** What the job has of the environment that its machine gives: all of it (`true`, the default), nothing, or only these names. */
  readonly inherit?: boolean | readonly string[]
  /** Names that it does not have, whatever its machine, `inherit` or `env` say. */
  readonly unset?: readonly string[]
  /** Where it runs; by default here, and on another machine at home. */
  readonly cwd?: string
  /** Its stdin: a file's path, read now; or what it reads; or `open`, for what `send` brings. By default /dev/null. */
  readonly stdin?: string | Uint8Array
  /** When the connection is lost the command goes on (`keep`, the default), or is ended. */
  readonly onDisconnect?: 'keep' | 'kill'
  /** No launcher: only what plain ssh gives. */
  readonly plain?: boolean
  /** End it after so long without a chaperone in contact. */
  readonly lease?: number
  /** As of ssh, as are the next four: `-F`, `-o`, `-p`, `-i`, `-J`. */
  readonly sshConfig?: string
  readonly sshOption?: readonly string[]
  readonly port?: number
  readonly identity?: string
  readonly jump?: string
  /** Hosts to ssh to, and from there on to the host; several with commas. */
  readonly relay?: string
  /** What goes on from a relay instead of ssh, such as `ush`. */
  readonly relayProgram?: string
  /** As that user, by sudo: there, or without a host here. */
  readonly sudo?: string
  /** That user, by sudo here, calls ssh: with that user's keys and configuration. */
  readonly sudoFirst?: string
  /** What runs it there, such as `docker exec -i web`, outermost first; `{host}` in it: the way there, instead of ssh. */
  readonly via?: readonly string[]
  /** As `via`, for what hands one line to a shell: `ush {host}`. */
  readonly viaLine?: readonly string[]
  /** Seconds between ssh's keepalives, and how many may go unanswered before the link is given up; 15 and 3, and sooner when output has ceased. */
  readonly keepalive?: { readonly interval: number; readonly count: number }
  /** For each try to connect, until something there has answered; 20,000. */
  readonly connectTimeout?: number
  /** For all tries together, until it has begun. */
  readonly giveUpAfter?: number
  /** End it when it has run so long. */
  readonly timeout?: number
  /** End it when it has written nothing for so long. */
  readonly idleTimeout?: number
  /** Keep so many bytes of its output at the most, of both streams together: 64 KiB at least. */
  readonly maxOutput?: number
  /** With more, go on without what lies between each stream's head and end (`keep`, the default), or end it (`kill`). */
  readonly onMaxOutput?: 'keep' | 'kill'
  /** From SIGTERM to SIGKILL when a timer or `maxOutput` ends it; 10,000. */
  readonly grace?: number
  /** Where the job's files go there; by default ~/.local/state/chap-remote. */
  readonly remoteDir?: string
  /** The password or passphrase that ssh may ask for: the first line of this file. */
  readonly passwordFile?: string
  /** Or what this line for `sh` prints. */
  readonly passwordCommand?: string
  /** Or what the caller's `askSecret` answers. */
  readonly askPassword?: boolean
  /** Trust the key of a host that was never seen. */
  readonly acceptNew?: boolean
  /** A file of this machine to which each line is appended, with its time and where it came from. */
  readonly logFile?: string
  /** Over one connection with other jobs that are reached in the same way. */
  readonly shareConnection?: boolean
  /** A line for `sh` here, when it has ended: once, with the job's document (as `inspect` gives it) on its stdin. */
  readonly onExit?: string
  /** Whom to send output and end to, by HTTP; or only where. */
  readonly callback?: CallbackOptions | string
}

/** Of what is not said. Whatever is not here is not done, or has no limit. */
export const DEFAULTS = {
  onDisconnect: 'keep',
  keepalive: { interval: 15, count: 3, eager: true },
  connectTimeout: 20_000,
  grace: 10_000,
} as const satisfies CommandOptions & { readonly keepalive: Keepalive }

/** What a job is drafted from: nothing is left open, and a host may be reached otherwise than by its name. */
export interface DraftOptions extends Omit<CommandOptions, keyof typeof DEFAULTS> {
  readonly onDisconnect: 'keep' | 'kill'
  readonly keepalive: Keepalive
  readonly connectTimeout: number
  readonly grace: number
  /** A line for `sh`, where there are no words. */
  readonly command?: string
  /** What ssh is given for the host's name. */
  readonly destination?: string
  /** What leads to the host instead of ssh. */
  readonly hop?: Hop
}

/** The options that are durations, in milliseconds. */
export const DURATIONS = [
  ...(['lease', 'connectTimeout', 'giveUpAfter', 'timeout', 'idleTimeout', 'grace'] as const),
  ...(['every', 'initialDelay', 'jitter'] as const),
]
