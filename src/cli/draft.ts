/** From what was typed to what is asked: the spec of a new job, before it has an id. */
import { isAbsolute, resolve } from 'node:path'
import type { SecretSource } from '../domain/secret.ts'
import type { Program, Route, Spec } from '../domain/spec.ts'
import type { Context } from './context.ts'
import { readHost } from './host.ts'
import { isProblem, type Problem, usage } from './problem.ts'
import { safeText } from './safe-text.ts'
import type { StartOptions } from './start-options.ts'

const HOW = 'chap start [host] -- command argument...'
const SHORTEST_LEASE_MS = 1_000

export type Draft = Omit<Spec, 'id' | 'nonce'>

export const draftJob = (
  context: Context,
  host: string | undefined,
  argv: readonly string[] | null,
  options: StartOptions,
): Draft | Problem => {
  const program = readProgram(argv, options.command)
  if (isProblem(program)) return program
  const route = readRoute(context, host, options)
  if (isProblem(route)) return route
  const secret = readSecretSource(context, options)
  if (isProblem(secret)) return secret
  const env = readEnvironment(context, options.env ?? [])
  if (isProblem(env)) return env
  if (options.lease !== undefined && options.lease < SHORTEST_LEASE_MS) return usage('a lease has at least one second')
  const { user, host: here } = context.self()
  return {
    name: options.name ?? null,
    labels: options.label ?? {},
    host: host ?? null,
    route,
    program,
    cwd: route.kind === 'local' ? resolve(context.cwd(), options.cwd ?? '.') : (options.cwd ?? null),
    env,
    hasStdin: options.stdin !== undefined,
    onDisconnect: options.onDisconnect,
    plain: options.plain ?? false,
    lease: options.lease === undefined ? null : Math.ceil(options.lease / 1000),
    keepalive: options.keepalive,
    connectTimeout: Math.max(1, Math.ceil(options.connectTimeout / 1000)),
    remoteDir: options.remoteDir ?? null,
    secret,
    sharesConnection: options.shareConnection ?? false,
    created: { time: new Date(context.now()).toISOString(), host: here, user },
  }
}

const readProgram = (argv: readonly string[] | null, command: string | undefined): Program | Problem => {
  if (command !== undefined) return argv === null ? { command } : usage('-c and words after -- are two commands', HOW)
  const [program, ...args] = argv ?? []
  if (program === undefined || program === '') return usage('no command was given: it stands after --', HOW)
  return { argv: [program, ...args] }
}

const readRoute = (context: Context, host: string | undefined, options: StartOptions): Route | Problem => {
  const sshOptions = listSshOptions(context, options)
  if (host === undefined) {
    const { plain, remoteDir, passwordFile, passwordCommand, askPassword, shareConnection } = options
    const given =
      sshOptions.length > 0 ||
      [plain, remoteDir, passwordFile, passwordCommand, askPassword, shareConnection].some(Boolean)
    return given ? usage('ssh options, passwords, --plain and --remote-dir need a host', HOW) : { kind: 'local' }
  }
  if (options.plain === true && options.shareConnection === true)
    return usage('--plain has a connection of its own', 'leave out --share-connection')
  const destination = readHost(host)
  if (destination === null)
    return usage(`${safeText(host)} is not a host`, 'write [user@]host or ssh://[user@]host[:port]')
  return { kind: 'ssh', destination, options: sshOptions }
}

const listSshOptions = (context: Context, options: StartOptions): string[] => {
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

const readSecretSource = (context: Context, options: StartOptions): SecretSource | Problem => {
  const { passwordFile: file, passwordCommand: command, askPassword = false } = options
  const sources: readonly SecretSource[] = [
    ...(file === undefined ? [] : [{ kind: 'file', path: resolve(context.cwd(), file) } as const]),
    ...(command === undefined ? [] : [{ kind: 'command', command } as const]),
    ...(askPassword ? [{ kind: 'prompt' } as const] : []),
  ]
  if (sources.length > 1)
    return usage('--password-file, --password-command and --ask-password are one password too many')
  return sources[0] ?? { kind: 'none' }
}

const readEnvironment = (context: Context, given: readonly string[]): Record<string, string> | Problem => {
  const env: Record<string, string> = {}
  for (const text of given) {
    const at = text.indexOf('=')
    const name = at < 0 ? text : text.slice(0, at)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return usage(`${safeText(name)} is not a name of the environment`)
    const value = at < 0 ? context.env[name] : text.slice(at + 1)
    if (value === undefined) return usage(`${name} is not set here`, `give it a value: --env ${name}=...`)
    env[name] = value
  }
  return env
}
