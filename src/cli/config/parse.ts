/** Reads the config file's text. Loaded only where there is a file: its parser would cost every start some milliseconds. */
import { dirname, resolve } from 'node:path'
import { closestMatch } from 'leven'
import { parse, TomlError, type TomlTable } from 'smol-toml'
import * as v from 'valibot'
import { type Clusters, expandNodes, type Hop } from '../../index.ts'
import type { ConfigFault, Misfit } from './fault.ts'
import { configSchema } from './schema.ts'

/** Values of start's options, by the options' own names. */
export type Values = Readonly<Record<string, unknown>>

export interface Config {
  readonly defaults: Values
  /** An entry's `host` and `user` are beside the options. */
  readonly hosts: ReadonlyMap<string, Values>
  readonly transports: ReadonlyMap<string, Hop>
  readonly clusters: Clusters
}

/** A name that differs in more letters was not mistyped. */
const MISTYPED = 3

export const parseConfig = (path: string, text: string): Config | ConfigFault => {
  const table = parseToml(path, text)
  if (table instanceof TomlError) {
    const [detail = ''] = table.message.replace(/^Invalid TOML document: /, '').split('\n')
    return { code: 'syntax', path, line: table.line, column: table.column, detail }
  }
  const { schema, known } = configSchema((file) => (/^[~%$]/.test(file) ? file : resolve(dirname(path), file)))
  const read = v.safeParse(schema, table)
  if (!read.success) {
    const [first, ...others] = read.issues
    const misfit = (issue: typeof first): Misfit => misfitOf(issue, known)
    return { code: 'invalid', path, misfits: [misfit(first), ...others.map(misfit)] }
  }
  const { defaults, hosts, transports, clusters } = read.output
  const config = {
    defaults,
    hosts: new Map(Object.entries(hosts)),
    transports: new Map(
      Object.entries(transports).map(([name, { command, words }]): [string, Hop] => {
        const [program = '', ...args] = command
        return [name, { argv: [program, ...args], words }]
      }),
    ),
    clusters: new Map(Object.entries(clusters)),
  }
  const astray = findAstray(config) ?? findBadCluster(config)
  return astray === undefined ? config : { code: 'invalid', path, misfits: [astray] }
}

const parseToml = (path: string, text: string): TomlTable | TomlError => {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof TomlError) return error
    throw new Error(`${path} can't be parsed`, { cause: error })
  }
}

/** A transport that is named and not there. */
const findAstray = ({ defaults, hosts, transports }: Config): Misfit | undefined => {
  const sections = [
    [['defaults'], defaults] as const,
    ...[...hosts].map(([name, entry]) => [['hosts', name], entry] as const),
  ]
  for (const [place, { transport }] of sections) {
    if (typeof transport !== 'string' || transports.has(transport)) continue
    const nearest = closestMatch(transport, [...transports.keys()], { maxDistance: MISTYPED }) ?? null
    return {
      place: [...place, 'transport'],
      expected: 'the name of one of [transports]',
      found: show(transport),
      nearest,
    }
  }
  return undefined
}

/** A cluster that is no node set, or names one that is not there. */
const findBadCluster = ({ clusters }: Config): Misfit | undefined => {
  for (const [name, set] of clusters) {
    const expanded = expandNodes(`@${name}`, clusters)
    if (!expanded.ok)
      return {
        place: ['clusters', name],
        expected: 'a node set such as web[01-40],@db',
        found: show(set),
        nearest: null,
      }
  }
  return undefined
}

const misfitOf = (issue: v.BaseIssue<unknown>, known: (place: readonly string[]) => readonly string[]): Misfit => {
  const place = issue.path?.map(({ key }) => String(key)) ?? []
  const isUnknown = issue.type === 'strict_object' && issue.expected === 'never'
  if (isUnknown) {
    const nearest = closestMatch(place.at(-1) ?? '', known(place), { maxDistance: MISTYPED }) ?? null
    return { place, expected: null, found: 'a key that nobody knows', nearest }
  }
  if (issue.type === 'strict_object' && issue.path !== undefined && issue.input === undefined)
    return { place, expected: issue.message, found: null, nearest: null }
  const isName = issue.path?.at(-1)?.origin === 'key'
  // The values of the environment may be secrets.
  const found = isName ? 'this name' : place.includes('env') ? kindOf(issue.input) : show(issue.input)
  return { place, expected: issue.message, found, nearest: null }
}

const show = (input: unknown): string =>
  typeof input === 'object' || input === undefined ? kindOf(input) : JSON.stringify(input)

const kindOf = (input: unknown): string => {
  if (input === undefined) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  if (input instanceof Date) return 'a date'
  return typeof input === 'object' ? 'a table' : typeof input === 'string' ? 'text' : `a ${typeof input}`
}
