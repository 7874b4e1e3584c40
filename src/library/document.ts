/** From a document to the command that it asks for. */
import * as v from 'valibot'
import { type Command, DURATIONS } from './command.ts'
import { PLACES } from './document-places.ts'
import { documentSchema, type JobDocument } from './document-schema.ts'
import { OPEN } from './draft.ts'
import { joinUser, readHost } from './host.ts'
import { formatPath, type Misfit, misfitsOf } from './misfits.ts'
import { isProblem, type Problem, usage } from './problem.ts'
import { withoutUnset } from './without-unset.ts'

/** A command, and by which transport of the config file its host is reached. */
export interface AskedJob {
  readonly command: Command
  readonly transport: string | null
}

/** @returns document: it is none, with all that is wrong; usage: it contradicts itself */
export const readDocument = (document: unknown): AskedJob | Problem => {
  const astray = findAstray(document, [])
  const read = v.safeParse(documentSchema, document)
  const misfits = [...astray, ...(read.success ? [] : misfitsOf(read.issues))]
  if (misfits.length > 0 || !read.success) return { code: 'document', misfits }
  return readAsked(read.output)
}

const HALF = /\p{Surrogate}/u

/** What would not come through whole: names that valibot passes over, since they mean something else to JavaScript, and text that no bytes stand for. */
const findAstray = (value: unknown, path: readonly (string | number)[]): readonly Misfit[] => {
  if (typeof value === 'string' && HALF.test(value))
    return [{ path: formatPath(path), expected: 'Unicode text', found: 'half of a surrogate pair' }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    return ['__proto__', 'prototype', 'constructor'].includes(key) || HALF.test(key)
      ? [{ path: formatPath(here), expected: 'another name', found: 'one that has no place' }]
      : findAstray(part, here)
  })
}

const readAsked = (document: JobDocument): AskedJob | Problem => {
  const { id, program, route } = document
  if (document.config && !document.callback) return usage('config is about the callback, and there is none')
  const reach = readReach(document)
  if (isProblem(reach)) return reach
  const options: Record<string, unknown> = {}
  for (const [option, place] of Object.entries(PLACES)) {
    const value = valueAt(document, place)
    if (value != null) options[option] = isDuration(option) ? Number(value) * 1000 : value
  }
  const env = Object.entries(program.env ?? {})
  const command = {
    ...options,
    ...reach,
    ...(id == null ? {} : { id }),
    program: program.argv ?? program.command,
    env: Object.fromEntries(env.filter(([, value]) => value !== null)),
    unset: env.flatMap(([name, value]) => (value === null ? [name] : [])),
    ...readStdin(program.stdin),
    ...readCallback(document),
  }
  // The schema has seen to the types; only the compiler can't follow them through the table.
  return { command: command as Command, transport: route?.transport ?? null }
}

/** Milliseconds in an option, seconds in a document. */
const isDuration = (option: string): boolean => (DURATIONS as readonly string[]).includes(option)

const valueAt = (document: JobDocument, place: string): unknown =>
  place
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], document)

const readStdin = (stdin: JobDocument['program']['stdin']): Pick<Command, 'stdin'> => {
  if (stdin == null) return {}
  if (typeof stdin === 'string') return { stdin: Buffer.from(stdin) }
  return { stdin: 'file' in stdin ? stdin.file : OPEN }
}

const readCallback = ({ callback, config }: JobDocument): Pick<Command, 'callback'> => {
  if (!callback) return {}
  const { retry_frequency, timeout, output_buffer, output_latency } = config ?? {}
  const ms = (seconds: number | null | undefined): number | undefined => (seconds == null ? undefined : seconds * 1000)
  const times = { retryFrequency: ms(retry_frequency), timeout: ms(timeout), outputLatency: ms(output_latency) }
  const { url, method, token, ca } = callback
  const words = { method: method ?? undefined, token: token ?? undefined, ca: ca ?? undefined }
  return { callback: { url, ...withoutUnset({ ...words, ...times, outputBuffer: output_buffer ?? undefined }) } }
}

/** A mode and a user are another way to say what `route.sudo` and the host's own user do. */
const readReach = ({ host, mode, user, route }: JobDocument): Partial<Command> | Problem => {
  if (mode == null && user == null) return {}
  if (route?.sudo != null || route?.sudo_first != null)
    return usage('mode and user, and route.sudo or route.sudo_first, are two ways to say who runs it')
  const chosen = mode ?? (host == null ? 'local-sudo' : 'ssh-as')
  const isLocal = chosen === 'local' || chosen === 'local-sudo'
  const isNobody = chosen === 'direct' || chosen === 'local'
  if (isLocal && host != null) return usage(`the mode ${chosen} is for this machine, and there is a host`)
  if (!isLocal && host == null) return usage(`the mode ${chosen} needs a host`)
  if (isNobody && user != null) return usage(`the mode ${chosen} takes no user`)
  if (isNobody) return {}
  if (user == null) return usage(`the mode ${chosen} needs a user`)
  if (chosen === 'sudo-then-ssh') return { sudoFirst: user }
  if (chosen === 'ssh-then-sudo' || chosen === 'local-sudo') return { sudo: user }
  return asUser(host ?? '', user)
}

const asUser = (host: string, user: string): Partial<Command> | Problem => {
  const read = readHost(host)
  if (read?.user != null) return usage(`host names a user already: ${host}`)
  const [, scheme = '', rest = ''] = /^(ssh:\/\/)?(.*)$/s.exec(host) ?? []
  return { host: `${scheme}${joinUser(user, rest)}` }
}
