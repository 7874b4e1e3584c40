/** ssh's command lines. The user's configuration is kept, except for what would break a link. */
import type { Hop, Spec } from '../domain/spec.ts'

export interface SshTarget {
  readonly destination: string
  readonly options: readonly string[]
  readonly keepalive: Spec['keepalive']
  /** Seconds. */
  readonly connectTimeout: number
  /** The private control socket's path. */
  readonly socket: string
  /** What ssh gets when it asks for a password or a passphrase; null: it may not ask. */
  readonly secret: string | null
}

export const targetOf = (
  { keepalive, connectTimeout }: Pick<Spec, 'keepalive' | 'connectTimeout'>,
  { destination, options }: Pick<SshTarget, 'destination' | 'options'>,
  socket: string,
  secret: string | null = null,
): SshTarget => ({ destination, options, keepalive, connectTimeout, socket, secret })

/** They come first: ssh takes the first value it gets. */
const MUST = [
  '-T',
  ...[
    'LogLevel=VERBOSE',
    'RemoteCommand=none',
    'ClearAllForwardings=yes',
    'EscapeChar=none',
    'PermitLocalCommand=no',
    'ForwardX11=no',
    'StdinNull=no',
    'ForkAfterAuthentication=no',
    'SessionType=default',
    'ControlPersist=no',
  ].flatMap((option) => ['-o', option]),
]

/** They come last: what the user says is kept. */
const defaults = ({ keepalive, connectTimeout }: Pick<SshTarget, 'keepalive' | 'connectTimeout'>): string[] =>
  [
    `ServerAliveInterval=${keepalive.interval}`,
    `ServerAliveCountMax=${keepalive.count}`,
    `ConnectTimeout=${connectTimeout}`,
  ].flatMap((option) => ['-o', option])

/** ssh refuses -J beside the ProxyCommand of a session; what -J is short for it passes over. */
const spellOut = (options: readonly string[]): readonly string[] =>
  options.flatMap((word, at) => {
    if (word === '-J') return ['-o']
    return options[at - 1] === '-J' ? [`ProxyJump=${word}`] : [word]
  })

/** Once for each way in: a wrong password does not get better, and servers lock accounts for it. */
const ASKING = ['-o', 'BatchMode=no', '-o', 'NumberOfPasswordPrompts=1']
const NOT_ASKING = ['-o', 'BatchMode=yes']

const connecting = ({ secret }: SshTarget): readonly string[] => (secret === null ? NOT_ASKING : ASKING)

const line = (target: SshTarget, multiplex: readonly string[], command?: string): string[] => [
  ...multiplex,
  ...MUST,
  ...spellOut(target.options),
  ...defaults(target),
  '--',
  target.destination,
  ...(command === undefined ? [] : [command]),
]

const socketOption = ({ socket }: SshTarget): string[] => ['-S', socket.replaceAll('%', '%%')]

/** The connection itself, as the private master of the others. */
export const masterArgv = (target: SshTarget, command: string): string[] =>
  line(target, [...connecting(target), ...socketOption(target), '-o', 'ControlMaster=yes'], command)

/** Seconds for which a shared master waits for the next job. */
const IDLE = 60

/** A master that belongs to no job: it holds the connection and runs nothing. */
export const sharedMasterArgv = (target: SshTarget): string[] =>
  line(target, [
    ...connecting(target),
    ...socketOption(target),
    ...['ControlMaster=yes', `ControlPersist=${IDLE}`, 'SessionType=none'].flatMap((option) => ['-o', option]),
  ])

/**
 * A session over the master. If the master died between request and reply, ssh would make a connection of its own and run the
 * command a second time: ProxyCommand=false forbids it.
 */
export const sessionArgv = (target: SshTarget, command: string): string[] =>
  line(target, [...NOT_ASKING, ...socketOption(target), '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false'], command)

/** A connection of its own, for servers that allow one session each. */
export const directArgv = (target: SshTarget, command: string): string[] =>
  line(target, [...connecting(target), '-S', 'none', '-o', 'ControlMaster=no'], command)

/** For an ssh of another account's or on another machine, which may be an older one: no option that OpenSSH 7.6 does not know. */
const HOP_MUST = [
  '-T',
  ...[
    'BatchMode=yes',
    'LogLevel=INFO',
    'RemoteCommand=none',
    'ClearAllForwardings=yes',
    'EscapeChar=none',
    'PermitLocalCommand=no',
    'ForwardX11=no',
    'ControlMaster=no',
    'ControlPath=none',
  ].flatMap((option) => ['-o', option]),
]

/** ssh as a hop: a connection of its own for each session. */
export const sshHop = (target: Omit<SshTarget, 'socket' | 'secret'>): Hop => ({
  argv: ['ssh', ...HOP_MUST, ...target.options, ...defaults(target), '--', target.destination],
  words: 'line',
})
