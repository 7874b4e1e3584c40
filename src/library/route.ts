/** From the options that say how the machine is reached to a route. */
import { isAbsolute, resolve } from 'node:path'
import { split } from 'shlex'
import type { Hop, Route } from '../domain/spec.ts'
import { namesHost, type Reach, routeOf } from '../transport/reach.ts'
import type { DraftOptions } from './command.ts'
import { joinUser, readHost } from './host.ts'
import { isProblem, type Problem, usage } from './problem.ts'
import type { Surroundings } from './surroundings.ts'

const HOW = 'chap start [host] -- command argument...'

export const readRoute = (context: Surroundings, host: string | undefined, options: DraftOptions): Route | Problem => {
  const via = readPrefixes(options)
  if (isProblem(via)) return via
  const relayProgram = options.relayProgram === undefined ? null : readPrefix(options.relayProgram)
  if (isProblem(relayProgram)) return relayProgram
  const target = host === undefined ? null : readTarget(host, options)
  if (isProblem(target)) return target
  const relays = options.relay?.split(',') ?? []
  for (const name of relays)
    if (readHost(name)?.port !== null) return notAHost(name, '[user@]host or ssh://[user@]host')
  const reach: Reach = {
    host: target?.destination ?? null,
    sshOptions: listSshOptions(context, { ...options, ...target?.port }),
    relays,
    relayProgram,
    sudoFirst: options.sudoFirst ?? null,
    sudo: options.sudo ?? null,
    via,
    way: options.hop ?? null,
    keepalive: options.keepalive,
    connectTimeout: connectSeconds(options),
  }
  return checkSsh(reach, options) ?? checkRoute(routeOf(reach), options)
}

const notAHost = (text: string, form: string): Problem => usage(`${text} is not a host`, `write ${form}`)

/** What ssh, or a prefix, is given for the host. */
const readTarget = (
  host: string,
  options: DraftOptions,
): { readonly destination: string; readonly port: { readonly port?: number } } | Problem => {
  const read = readHost(host)
  if (read === null) return notAHost(host, '[user@]host[:port] or ssh://[user@]host[:port]')
  const { user, name, port, isAddress } = read
  if (options.port !== undefined && port !== null && port !== options.port)
    return usage(`${host} and -p ${options.port} are two ports`)
  return {
    destination: isAddress ? host : (options.destination ?? joinUser(user, name)),
    port: port === null || isAddress ? {} : { port },
  }
}

const checkSsh = (reach: Reach, options: DraftOptions): Problem | undefined => {
  const { host, sshOptions, relays, relayProgram, sudoFirst, via, way } = reach
  const { plain = false, shareConnection = false } = options
  // They are for the ssh that chap calls by itself.
  const isOwn = shareConnection || hasPassword(options)
  const needsSsh = sshOptions.length > 0 || plain || relays.length > 0 || sudoFirst !== null || isOwn
  const isWay = way !== null || via.some(namesHost)
  if (relayProgram !== null && relays.length === 0) return usage('--relay-program needs --relay')
  if (host === null && needsSsh)
    return usage('ssh options, passwords, --plain, --relay, --sudo-first and --share-connection need a host', HOW)
  if (host === null && isWay) return usage('no host was given for {host}', HOW)
  if (isWay && needsSsh)
    return usage(
      'a --transport, or a prefix with {host}, is used instead of ssh: it takes no password and no option about ssh',
    )
  if (sudoFirst !== null && isOwn)
    return usage('with --sudo-first another user calls ssh: no password, and no --share-connection')
  if (plain && shareConnection) return usage('--plain has a connection of its own', 'leave out --share-connection')
  return undefined
}

const hasPassword = ({ passwordFile, passwordCommand, askPassword = false }: DraftOptions): boolean =>
  askPassword || passwordFile !== undefined || passwordCommand !== undefined

const checkRoute = (route: Route, { plain, remoteDir }: DraftOptions): Route | Problem => {
  if (route.kind === 'local' && remoteDir !== undefined)
    return usage('--remote-dir is for another machine or another user', HOW)
  if (plain === true && (route.kind !== 'ssh' || route.onward.length > 0))
    return usage('--plain is for ssh alone: no --relay, --sudo, --sudo-first or --via')
  return route
}

/** ssh takes whole seconds. */
export const connectSeconds = ({ connectTimeout }: DraftOptions): number =>
  Math.max(1, Math.ceil(connectTimeout / 1000))

const readPrefixes = ({ via, viaLine }: DraftOptions): readonly Hop[] | Problem => {
  if (via !== undefined && viaLine !== undefined) return usage('--via and --via-line are two ways: give one of them')
  const hops: Hop[] = []
  for (const text of via ?? viaLine ?? []) {
    const argv = readPrefix(text)
    if (isProblem(argv)) return argv
    hops.push({ argv, words: via === undefined ? 'line' : 'argv' })
  }
  return hops
}

/** Words as a shell reads them, but nothing is expanded. */
const readPrefix = (text: string): [string, ...string[]] | Problem => {
  try {
    const [program, ...args] = split(text)
    if (program !== undefined && program !== '') return [program, ...args]
    return usage(`${JSON.stringify(text)} is no command`)
  } catch {
    return usage(`a quote or a backslash has no end: ${text}`)
  }
}

const listSshOptions = (context: Surroundings, options: DraftOptions): string[] => {
  const { sshConfig, sshOption = [], port, identity, jump, acceptNew = false } = options
  // The chaperone runs elsewhere, and later: a relative path would mean another file.
  const absolute = (path: string): string =>
    isAbsolute(path) || /^[~%$]/.test(path) ? path : resolve(context.cwd(), path)
  return [
    ...(sshConfig === undefined ? [] : ['-F', sshConfig === 'none' ? 'none' : absolute(sshConfig)]),
    ...sshOption.flatMap((option) => ['-o', option]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(identity === undefined ? [] : ['-i', absolute(identity)]),
    ...(jump === undefined ? [] : ['-J', jump]),
    ...(acceptNew ? ['-o', 'StrictHostKeyChecking=accept-new'] : []),
  ]
}
