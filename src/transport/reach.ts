/** How a machine is reached, from what a person says of it to a route, and from a route to one argv. Pure. */
import type { Hop, Route, Spec } from '../domain/spec.ts'
import { type Argv, composeHops } from './hops.ts'
import { sshHop } from './ssh-argv.ts'

export interface Reach extends Pick<Spec, 'keepalive' | 'connectTimeout'> {
  /** `[user@]host` or an `ssh://` address; null: this machine. */
  readonly host: string | null
  /** For the ssh that starts on this machine. */
  readonly sshOptions: readonly string[]
  /** Hosts to pass through: from each of them a program of its own goes on to the next, and at last to the host. */
  readonly relays: readonly string[]
  /** That program, given the next host and a command line; null: ssh. */
  readonly relayProgram: Argv | null
  /** Who starts ssh, by sudo on this machine; null: whoever calls. */
  readonly sudoFirst: string | null
  /** Who runs the command, by sudo on its machine; null: whom ssh lets in. */
  readonly sudo: string | null
  /** What comes at last before the command. Where a word has `{host}` in it, it stands for the host: then it is the way there, instead of ssh. */
  readonly via: readonly Hop[]
  /** What leads to the host instead of ssh; null: ssh, or a `{host}` in `via`. */
  readonly way: Hop | null
}

/** Where a prefix says the host. */
const HOST = '{host}'

/** Is the prefix itself the way to the host? */
export const namesHost = ({ argv }: Hop): boolean => argv.some((word) => word.includes(HOST))

const withHost = ({ argv: [program, ...args], words }: Hop, host: string): Hop => ({
  argv: [program, ...args].map((word) => word.replaceAll(HOST, () => host)) as [string, ...string[]],
  words,
})

const sudoTo = (user: string): [string, ...string[]] => ['sudo', '-n', '-H', '-u', user, '--']

/** As with ssh, the command begins in that user's home: the directory that sudo is called in may be closed to the user. */
const sudoHome = (user: string): Hop => ({
  argv: [...sudoTo(user), 'sh', '-c', 'cd || cd /; exec "$@"', 'sh'],
  words: 'argv',
})

export const routeOf = (reach: Reach): Route => {
  const { host, sudoFirst, sudo, way } = reach
  const via = way === null ? reach.via : [way, ...reach.via]
  const become = sudo === null ? [] : [sudoHome(sudo)]
  if (host === null) return hopsOrLocal([...become, ...via])
  const there = Math.max(via.findLastIndex(namesHost) + 1, way === null ? 0 : 1)
  if (there > 0) {
    const hops = via.map((hop) => withHost(hop, host))
    return hopsOrLocal([...hops.slice(0, there), ...become, ...hops.slice(there)])
  }
  const [destination = host, ...others] = [...reach.relays, host]
  const onward = [...others.map((next) => relayHop(reach, next)), ...become, ...via]
  const options = reach.sshOptions
  if (sudoFirst === null) return { kind: 'ssh', destination, options, onward }
  const first: Hop = { argv: sudoTo(sudoFirst), words: 'argv' }
  return { kind: 'hops', hops: [first, sshHop({ ...reach, destination, options }), ...onward] }
}

const hopsOrLocal = ([first, ...others]: readonly Hop[]): Route =>
  first === undefined ? { kind: 'local' } : { kind: 'hops', hops: [first, ...others] }

const relayHop = (reach: Reach, next: string): Hop =>
  reach.relayProgram === null
    ? sshHop({ ...reach, destination: next, options: [] })
    : { argv: [...reach.relayProgram, next], words: 'line' }

/** The argv that runs `argv` at the end of a route, as one process of this machine. */
export const argvOf = (
  route: Route,
  argv: Argv,
  { keepalive, connectTimeout }: Pick<Reach, 'keepalive' | 'connectTimeout'>,
): Argv => {
  switch (route.kind) {
    case 'local':
      return argv
    case 'ssh':
      return composeHops([sshHop({ ...route, keepalive, connectTimeout }), ...route.onward], argv)
    case 'hops':
      return composeHops(route.hops, argv)
  }
}
