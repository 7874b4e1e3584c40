/** From what was typed to what is asked: the spec of a new job, before it has an id. */
import { resolve } from 'node:path'
import type { SecretSource } from '../domain/secret.ts'
import type { Limits, Program } from '../domain/spec.ts'
import type { NewSpec } from '../spool/create.ts'
import { readCallback } from './callback-options.ts'
import type { DraftOptions } from './command.ts'
import { readMaxOutput } from './max-output.ts'
import { isProblem, type Problem, usage } from './problem.ts'
import { connectSeconds, readRoute } from './route.ts'
import { readSeries } from './series-options.ts'
import type { Surroundings } from './surroundings.ts'

const HOW = 'chap start [host] -- command argument...'
const SHORTEST_MS = 1_000
/** Ten years: what the remote's 32-bit shells can still count. */
const LONGEST_MS = 3_650 * 86_400_000

/** Of --stdin: it stays open. A file of that name is ./open. */
export const OPEN = 'open'

export type Draft = NewSpec

export const draftJob = (
  context: Surroundings,
  host: string | undefined,
  argv: readonly string[] | null,
  options: DraftOptions,
): Draft | Problem => {
  const program = readProgram(argv, options.command)
  if (isProblem(program)) return program
  const route = readRoute(context, host, options)
  if (isProblem(route)) return route
  const secret = readSecretSource(context, options)
  if (isProblem(secret)) return secret
  const environment = readInheritance(context, options)
  if (isProblem(environment)) return environment
  const telling = readTelling(context, options)
  if (isProblem(telling)) return telling
  const stdinOpen = readStdinOpen(options)
  if (isProblem(stdinOpen)) return stdinOpen
  const limits = readLimits(options)
  if (isProblem(limits)) return limits
  const series = readSeries(options)
  if (isProblem(series)) return series
  const { user, host: here } = context.self()
  return {
    name: options.name ?? null,
    labels: options.label ?? {},
    // A prefix is what the user calls the place, if nothing else is.
    host: host ?? options.via?.[0] ?? options.viaLine?.[0] ?? null,
    route,
    program,
    cwd: route.kind === 'local' ? resolve(context.cwd(), options.cwd ?? '.') : (options.cwd ?? null),
    ...environment,
    hasStdin: options.stdin !== undefined,
    stdinOpen,
    onDisconnect: options.onDisconnect,
    plain: options.plain ?? false,
    lease: toSeconds(options.lease),
    keepalive: options.keepalive,
    connectTimeout: connectSeconds(options),
    limits,
    series,
    remoteDir: options.remoteDir ?? null,
    secret,
    sharesConnection: options.shareConnection ?? false,
    ...telling,
    group: null,
    rerunOf: null,
    logFile: options.logFile === undefined ? null : resolve(context.cwd(), options.logFile),
    asked: null,
    created: { time: new Date(context.now()).toISOString(), host: here, user },
  }
}

/** Who is told when it has ended, and of its output before. */
const readTelling = (
  context: Surroundings,
  options: DraftOptions,
): Pick<Draft, 'onExit' | 'callback' | 'callbackToken'> | Problem => {
  if (options.onExit?.trim() === '') return usage('--on-exit needs a command line')
  const callback = readCallback(context, options.callback)
  return isProblem(callback) ? callback : { onExit: options.onExit ?? null, ...callback }
}

const readStdinOpen = ({ stdin, every, plain = false, onDisconnect }: DraftOptions): boolean | Problem => {
  if (stdin !== OPEN) return false
  if (every !== undefined)
    return usage("--stdin open is one run's, and a series has many", 'give each run the same: --stdin FILE')
  if (!plain && onDisconnect === 'keep') return true
  return usage(
    `--stdin open needs files where the job runs, and ${plain ? '--plain' : '--on-disconnect kill'} stores none`,
    'give all of it now: --stdin FILE',
  )
}

const readLimits = (options: DraftOptions): Limits | Problem => {
  const { giveUpAfter, timeout, idleTimeout, grace, lease, plain = false, onDisconnect } = options
  if (lease !== undefined && lease < SHORTEST_MS) return usage('a lease has at least one second')
  const limits = { '--give-up-after': giveUpAfter, '--timeout': timeout, '--idle-timeout': idleTimeout }
  for (const [name, ms] of Object.entries(limits)) {
    if (ms === undefined) continue
    if (plain) return usage(`${name} can't be kept with --plain: nothing of chap runs there`)
    if (ms < SHORTEST_MS) return usage(`${name} has at least one second`)
  }
  for (const [name, ms] of Object.entries({ ...limits, '--grace': grace, '--lease': lease }))
    if ((ms ?? 0) > LONGEST_MS) return usage(`${name} has ten years at the most`)
  if (idleTimeout !== undefined && onDisconnect === 'kill')
    return usage(
      '--idle-timeout needs output that is stored there, and --on-disconnect kill stores none',
      '--timeout limits its whole run',
    )
  const maxOutput = readMaxOutput(options)
  if (isProblem(maxOutput)) return maxOutput
  return {
    giveUpAfter: toSeconds(giveUpAfter),
    timeout: toSeconds(timeout),
    idleTimeout: toSeconds(idleTimeout),
    ...maxOutput,
    grace: Math.ceil(grace / 1000),
  }
}

const toSeconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.ceil(ms / 1000))

const readProgram = (argv: readonly string[] | null, command: string | undefined): Program | Problem => {
  if (command !== undefined) return argv === null ? { command } : usage('-c and words after -- are two commands', HOW)
  const [program, ...args] = argv ?? []
  if (program === undefined || program === '') return usage('no command was given: it stands after --', HOW)
  return { argv: [program, ...args] }
}

const readSecretSource = (context: Surroundings, options: DraftOptions): SecretSource | Problem => {
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

/** What is set in the job, and what is left out of that which its machine gives. */
const readInheritance = (
  context: Surroundings,
  options: DraftOptions,
): Pick<Draft, 'env' | 'inherit' | 'unset'> | Problem => {
  const { inherit = true, unset = [], plain = false } = options
  if (plain && (inherit !== true || unset.length > 0))
    return usage("--plain leaves the environment as it is: nothing of chap's runs there")
  const env = readEnvironment(context, options.env ?? [])
  if (isProblem(env)) return env
  const kept = Object.entries(env).filter(([name]) => !unset.includes(name))
  return { env: Object.fromEntries(kept), inherit, unset }
}

export const readEnvironment = (
  context: Surroundings,
  given: NonNullable<DraftOptions['env']>,
): Record<string, string> | Problem => {
  const env: Record<string, string> = {}
  const entries = isList(given) ? given.map(splitVariable) : Object.entries(given)
  for (const [name, text] of entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return usage(`${name} is not a name of the environment`)
    const value = text ?? context.env[name]
    if (value === undefined) return usage(`${name} is not set here`, `give it a value: --env ${name}=...`)
    env[name] = value
  }
  return env
}

const isList = (given: NonNullable<DraftOptions['env']>): given is readonly string[] => Array.isArray(given)

const splitVariable = (text: string): [string, string?] => {
  const at = text.indexOf('=')
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
