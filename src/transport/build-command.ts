/** One argv for a command somewhere: what a program gives to a subprocess of its own, without a chaperone. Pure. */
import type { Hop } from '../domain/spec.ts'
import type { Argv } from './hops.ts'
import { argvOf, namesHost, type Reach, routeOf } from './reach.ts'

/**
 * How `user` comes to run the command on `host`:
 * - `direct`: ssh to the host, as its configuration says; no user
 * - `ssh-as`: ssh to the host as the user
 * - `sudo-then-ssh`: the user, by sudo on this machine, calls ssh, with that user's keys and configuration
 * - `ssh-then-sudo`: ssh to the host, and the user by sudo there
 * - `local`: on this machine; no host, no user
 * - `local-sudo`: on this machine, the user by sudo; no host
 */
export type Mode = 'direct' | 'ssh-as' | 'sudo-then-ssh' | 'ssh-then-sudo' | 'local' | 'local-sudo'

export interface BuildOptions {
  /** `[user@]host`, or an `ssh://` address. */
  readonly host?: string
  readonly user?: string
  /** By default `local` without a host and `direct` with one; with a user, `local-sudo` and `ssh-as`. */
  readonly mode?: Mode
  readonly port?: number
  /** The private key's file, as the account that calls ssh sees it. */
  readonly identity?: string
  /** As of ssh -J: hosts that forward the connection. */
  readonly jump?: string
  /** Any others, as of ssh: `['-F', file, '-o', 'Compression=yes']`. */
  readonly sshOptions?: readonly string[]
  /** Hosts that don't forward: ssh to the first, from there to the next, and at last to the host. */
  readonly relays?: readonly string[]
  /** Called on a relay instead of ssh, with the next host and a command line. */
  readonly relayProgram?: Argv
  /** What comes before the command, on the host; or the way to it, where a word says `{host}`. */
  readonly via?: readonly Hop[]
  /** Seconds between ssh's keepalives, and how many may go unanswered; 15 and 3. */
  readonly keepalive?: { readonly interval: number; readonly count: number }
  /** Seconds; 10. */
  readonly connectTimeout?: number
}

/**
 * An argv that runs `argv`, its words unchanged whatever shells read them on the way: `ssh host`, `sudo -u user`, both, ...
 * The exit status is the program's own, or 255 where ssh failed.
 * @throws TypeError for options that contradict each other
 */
export const buildProgram = (argv: Argv, options: BuildOptions = {}): [string, ...string[]] => {
  const reach = reachOf(options)
  const [program, ...args] = argvOf(routeOf(reach), argv, reach)
  return [program, ...args]
}

/** An argv that has sh run the line `command`. Otherwise as `buildProgram`. */
export const buildCommand = (command: string, options: BuildOptions = {}): [string, ...string[]] =>
  buildProgram(['sh', '-c', command], options)

const defaultMode = ({ host, user }: BuildOptions): Mode => {
  if (host === undefined) return user === undefined ? 'local' : 'local-sudo'
  return user === undefined ? 'direct' : 'ssh-as'
}

const reachOf = (options: BuildOptions): Reach => {
  const { host, user = null, mode = defaultMode(options), relays = [], relayProgram = null, via = [] } = options
  const reach: Reach = {
    host: host ?? null,
    sshOptions: listSshOptions(options),
    relays,
    relayProgram,
    sudoFirst: mode === 'sudo-then-ssh' ? user : null,
    sudo: mode === 'ssh-then-sudo' || mode === 'local-sudo' ? user : null,
    via,
    way: null,
    keepalive: options.keepalive ?? { interval: 15, count: 3 },
    connectTimeout: options.connectTimeout ?? 10,
  }
  checkMode(mode, reach, user)
  return mode === 'ssh-as' && host !== undefined && user !== null ? { ...reach, host: asUser(host, user) } : reach
}

const checkMode = (mode: Mode, { host, sshOptions, relays, via }: Reach, user: string | null): void => {
  const check = (isRight: boolean, message: string): void => {
    if (!isRight) throw new TypeError(`mode ${mode}: ${message}`)
  }
  const isLocal = mode === 'local' || mode === 'local-sudo'
  const isNobody = mode === 'direct' || mode === 'local'
  check(isLocal === (host === null), isLocal ? 'there is no host' : 'a host is needed')
  check(isNobody === (user === null), isNobody ? 'there is no user' : 'a user is needed')
  for (const word of [host, user, ...relays])
    check(word === null || (word !== '' && !word.startsWith('-')), `'${word}' is no name`)
  if (isLocal || via.some(namesHost)) {
    check(!isLocal || !via.some(namesHost), 'there is no host for {host}')
    const isWithoutSsh = mode !== 'ssh-as' && mode !== 'sudo-then-ssh' && sshOptions.length === 0 && relays.length === 0
    check(isWithoutSsh, 'ssh is not used, so it can have no options, users or relays')
  }
}

/** A user that the host already names is another one's mistake to see. */
const asUser = (host: string, user: string): string => {
  const [, scheme = '', rest = ''] = /^(ssh:\/\/)?(.*)$/s.exec(host) ?? []
  if (rest.includes('@')) throw new TypeError(`${host} names a user already`)
  return `${scheme}${user}@${rest}`
}

const listSshOptions = ({ port, identity, jump, sshOptions = [] }: BuildOptions): string[] => [
  ...sshOptions,
  ...(port === undefined ? [] : ['-p', String(port)]),
  ...(identity === undefined ? [] : ['-i', identity]),
  ...(jump === undefined ? [] : ['-J', jump]),
]
