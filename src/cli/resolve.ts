/** From the host as typed to start's options, as if all that the config file says of it had been typed, too. */
import type { Command } from 'commander'
import { type Hop, joinUser, readHost, usage } from '../index.ts'
import { readConfigText } from './config/file.ts'
import type { Config, Values } from './config/parse.ts'
import type { Context } from './context.ts'
import { isProblem, type Problem } from './problem.ts'
import { safeText } from './safe-text.ts'
import { NEEDS_HOST, OF_SSH, type StartOptions } from './start-options.ts'

export interface Resolved<Options> {
  readonly options: Options
  /** The host's name is one of the config file's. */
  readonly isEntry: boolean
  readonly hasConfig: boolean
}

/** Of [defaults], a job of this machine takes what is not about another one. It runs where it is started. */
const NOT_HERE: readonly string[] = [...NEEDS_HOST, 'cwd']
export const resolveOptions = async <Options extends Partial<StartOptions>>(
  context: Context,
  command: Command,
  host: string | undefined,
): Promise<Resolved<Options> | Problem> => {
  const config = await loadConfig(context)
  return isProblem(config) ? config : resolveWith(config, command, host)
}

/** What the command line says wins over the host's entry, and that over [defaults]. */
export const resolveWith = <Options extends Partial<StartOptions>>(
  config: Config | null,
  command: Command,
  host: string | undefined,
): Resolved<Options> | Problem => resolveSaid(config, readTyped(command), host)

/** @param typed options as their parsers made them */
export const resolveSaid = <Options extends Partial<StartOptions>>(
  config: Config | null,
  { typed, unsaid }: { readonly typed: Record<string, unknown>; readonly unsaid: Values },
  host: string | undefined,
): Resolved<Options> | Problem => {
  const hasConfig = config !== null
  const target = host === undefined ? null : readHost(host)
  if (target === null || target.isAddress) {
    if (target !== null && typed['transport'] !== undefined) return usage('--transport reaches no ssh:// address')
    const dropped = target === null ? NOT_HERE : target.port === null ? ['transport'] : ['transport', 'port']
    const options: Values = { ...unsaid, ...merge([without(dropped, config?.defaults), typed]) }
    return { options: options as unknown as Options, isEntry: false, hasConfig }
  }
  const entry = config?.hosts.get(target.name)
  const { host: entryHost, user: entryUser, ...entryOptions } = entry ?? {}
  // As typed as -p is: it wins over the entry's.
  if (target.port !== null) typed['port'] ??= target.port
  const transport = typed['transport'] ?? entryOptions['transport'] ?? config?.defaults['transport']
  // Where it is a default, it is for ssh.
  const dropped = transport === undefined ? [] : OF_SSH
  const options: Values = { ...unsaid, ...merge([without(dropped, config?.defaults), entryOptions, typed]) }
  const name = textOf(entryHost) ?? target.name
  const user = target.user ?? textOf(entryUser) ?? null
  const added =
    typeof transport === 'string'
      ? resolveTransport(config, transport, { host: name, user, port: options['port'] })
      : { destination: joinUser(user, name) }
  // The options' own parsers have made the values; only the compiler can't see it.
  return isProblem(added)
    ? added
    : { options: { ...options, ...added } as unknown as Options, isEntry: entry !== undefined, hasConfig }
}

const without = (dropped: readonly string[], values: Values = {}): Values =>
  Object.fromEntries(Object.entries(values).filter(([option]) => !dropped.includes(option)))

export const readTyped = (command: Command) => {
  const typed: Record<string, unknown> = {}
  const unsaid: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(command.opts<Values>()))
    (command.getOptionValueSource(name) === 'cli' ? typed : unsaid)[name] = value
  return { typed, unsaid }
}

/** null: there is no config file. */
export const loadConfig = async ({ config: file }: Pick<Context, 'config'>): Promise<Config | Problem | null> => {
  if (file === null) return null
  const read = readConfigText(file)
  if (read === null) return null
  if ('code' in read) return { code: 'config', fault: read }
  const { parseConfig } = await import('./config/parse.ts')
  const config = parseConfig(file.path, read.text)
  return 'code' in config ? { code: 'config', fault: config } : config
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The later wins; what can be given several times is joined, so that a name that both set is the later one's. */
const merge = (sections: readonly Values[]): Values => {
  const merged: Record<string, unknown> = {}
  for (const section of sections)
    for (const [name, value] of Object.entries(section)) merged[name] = join(name, merged[name], value)
  return merged
}

const join = (name: string, before: unknown, value: unknown): unknown => {
  if (before === undefined) return value
  if (name === 'label') return { ...(before as object), ...(value as object) }
  if (name === 'env') return [...(before as unknown[]), ...(value as unknown[])]
  // ssh takes the first value it gets.
  if (name === 'sshOption') return [...(value as unknown[]), ...(before as unknown[])]
  return value
}

const resolveTransport = (
  config: Config | null,
  name: string,
  values: { readonly host: string; readonly user: string | null; readonly port: unknown },
): { readonly hop: Hop; readonly port: undefined } | Problem => {
  const hop = config?.transports.get(name)
  if (hop === undefined)
    return usage(`there is no transport ${safeText(name)}`, 'it is a table [transports.NAME] of the config file')
  for (const key of ['user', 'port'] as const) {
    const isTaken = hop.argv.some((word) => word.includes(`{${key}}`))
    if (isTaken && values[key] == null) return usage(`the transport ${safeText(name)} needs a ${key}`)
    if (!isTaken && values[key] != null)
      return usage(`the transport ${safeText(name)} takes no ${key}`, `its command may have the word {${key}}`)
  }
  const fill = (word: string): string =>
    word.replace(/\{(host|user|port)\}/g, (_, key: keyof typeof values) => String(values[key]))
  const [program, ...args] = hop.argv
  // A port is the command's own affair.
  return { hop: { argv: [fill(program), ...args.map(fill)], words: hop.words }, port: undefined }
}
