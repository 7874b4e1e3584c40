/** Where in a document each option of a command stands. One table: for reading documents, and for saying in what two jobs differ. */
import { createHash, scryptSync } from 'node:crypto'
import { CALLBACK_DEFAULTS, type CallbackOptions } from './callback-options.ts'
import { type Command, DEFAULTS } from './command.ts'

/** What is written otherwise there than as the option's value. */
type Special = 'id' | 'program' | 'env' | 'unset' | 'stdin' | 'askPassword' | 'forever' | 'callback'

export const PLACES = {
  name: 'name',
  label: 'labels',
  host: 'host',
  cwd: 'program.cwd',
  inherit: 'program.inherit',
  every: 'series.every',
  count: 'series.count',
  initialDelay: 'series.initial_delay',
  jitter: 'series.jitter',
  overrun: 'series.overrun',
  timeout: 'timers.timeout',
  idleTimeout: 'timers.idle_timeout',
  grace: 'timers.grace',
  onDisconnect: 'policy.on_disconnect',
  lease: 'policy.lease',
  maxOutput: 'policy.max_output',
  onMaxOutput: 'policy.on_max_output',
  giveUpAfter: 'policy.give_up_after',
  sshConfig: 'route.ssh_config',
  sshOption: 'route.ssh_options',
  port: 'route.port',
  identity: 'route.identity',
  jump: 'route.jump',
  relay: 'route.relay',
  relayProgram: 'route.relay_program',
  sudo: 'route.sudo',
  sudoFirst: 'route.sudo_first',
  via: 'route.via',
  viaLine: 'route.via_line',
  plain: 'route.plain',
  acceptNew: 'route.accept_new',
  shareConnection: 'route.share_connection',
  passwordFile: 'route.password_file',
  passwordCommand: 'route.password_command',
  keepalive: 'route.keepalive',
  connectTimeout: 'route.connect_timeout',
  remoteDir: 'route.remote_dir',
  onExit: 'on_exit',
  logFile: 'log_file',
} as const satisfies Record<Exclude<keyof Command, Special>, string>

/**
 * Digests of what a command asks for, by place: the same for whoever asks for the same. What a default says is as if it was not said.
 * Values of the environment may be secrets that can be guessed: each guess is made to cost a few hundredths of a second.
 */
export const digestAsked = (id: string, command: Command): Readonly<Record<string, string>> => {
  const { program, env = {}, unset = [], stdin, callback } = command
  const values: Record<string, unknown> = {
    [typeof program === 'string' ? 'program.command' : 'program.argv']: program,
    callback: typeof callback === 'string' ? { url: callback } : askedOfCallback(callback),
    'program.stdin': stdin instanceof Uint8Array ? { sha256: createHash('sha256').update(stdin).digest('hex') } : stdin,
  }
  for (const [option, place] of Object.entries(PLACES)) {
    const said = command[option as keyof typeof PLACES]
    const value = option === 'inherit' && said === false ? [] : said
    if (formatCanonically(value) !== formatCanonically(DEFAULTS_SAID[option])) values[place] = value
  }
  const digests = Object.entries(values).flatMap(([place, value]): [string, string][] => {
    if (value === undefined || (isEmpty(value) && place !== PLACES.inherit)) return []
    const text = `${id}\0${place}\0${formatCanonically(value)}`
    return [[place, createHash('sha256').update(text).digest('hex').slice(0, DIGITS)]]
  })
  const variables = { ...env, ...Object.fromEntries(unset.map((name) => [name, null])) }
  if (!isEmpty(variables))
    digests.push(['program.env', scryptSync(formatCanonically(variables), id, DIGITS / 2).toString('hex')])
  return Object.fromEntries(digests)
}

/** Without the token, and what a default says. */
const askedOfCallback = (callback: CallbackOptions | undefined): object | undefined => {
  if (callback === undefined) return undefined
  const { token: _, ...others } = callback
  const defaults: Readonly<Record<string, unknown>> = CALLBACK_DEFAULTS
  return Object.fromEntries(Object.entries(others).filter(([option, value]) => value !== defaults[option]))
}

/** Hexadecimal ones of a digest. */
const DIGITS = 32

const DEFAULTS_SAID: Readonly<Record<string, unknown>> = {
  ...DEFAULTS,
  keepalive: { interval: DEFAULTS.keepalive.interval, count: DEFAULTS.keepalive.count },
  inherit: true,
  plain: false,
  acceptNew: false,
  shareConnection: false,
  onMaxOutput: 'keep',
  overrun: 'skip',
  initialDelay: 0,
  jitter: 0,
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** JSON with an object's keys in order. */
const formatCanonically = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) ?? ''
