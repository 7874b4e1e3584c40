/** What may stand in the config file: the options of start, read as if they were typed, and what a host's name means. */
import { Command, InvalidArgumentError, type Option } from 'commander'
import * as v from 'valibot'
import { joinUser, readHost } from '../../index.ts'
import { isRepeatable } from '../options.ts'
import { addStartOptions, OF_ONE_CALL } from '../start-options.ts'

/** Keys of tables read better in the plural. */
const PLURALS: Readonly<Record<string, string>> = { label: 'labels', ssh_option: 'ssh_options' }

const keyOf = (option: Option): string => {
  const key = option.name().replaceAll('-', '_')
  return PLURALS[key] ?? key
}

const text = v.pipe(
  v.union([v.string(), v.number()], 'text or a number'),
  v.transform((value) => [String(value)]),
)
/** valibot takes lists and dates for records, too. */
const table = v.custom<Readonly<Record<string, unknown>>>(
  (input) => typeof input === 'object' && input !== null && !Array.isArray(input) && !(input instanceof Date),
  'a table',
)
const several = v.union(
  [
    v.array(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
    v.pipe(
      table,
      v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
      v.transform((values) => Object.entries(values).map(([key, value]) => `${key}=${String(value)}`)),
    ),
    text,
  ],
  'a table { NAME = "value" }, a list ["NAME=value"], or text',
)

/** From what stands in the file to the option's value. */
const schemaOf = (option: Option, resolvePath: (path: string) => string): v.GenericSchema<unknown, unknown> => {
  const flag = v.boolean('true or false')
  if (option.negate)
    return v.pipe(
      flag,
      v.transform((value) => !value),
    )
  if (option.isBoolean()) return flag
  const words = isRepeatable(option) ? several : text
  return v.pipe(
    // <name[=value]> has a bracket, too.
    option.optional && !option.required ? v.union([v.boolean(), words], 'true, false or text') : words,
    v.rawTransform<boolean | string[], unknown>(({ dataset, addIssue, NEVER }) => {
      if (typeof dataset.value === 'boolean') return dataset.value
      try {
        return dataset.value.reduce<unknown>((before, word) => readWord(option, resolvePath, word, before), undefined)
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error
        const message = error.message.replace(/^Allowed choices are /, 'one of ').replace(/^Expected |\.$/g, '')
        addIssue({ message, input: dataset.value.length === 1 ? dataset.value[0] : dataset.value })
        return NEVER
      }
    }),
  )
}

const readWord = (option: Option, resolvePath: (path: string) => string, word: string, before: unknown): unknown => {
  const isFile = option.flags.endsWith('<file>') && word !== 'none'
  const said = isFile ? resolvePath(word) : word
  return option.parseArg === undefined ? said : option.parseArg<unknown>(said, before)
}

const hostName = v.check((name: string) => {
  const read = readHost(name)
  return read !== null && !read.isAddress && read.user === null && read.port === null
}, 'a name or an address, without user and port')

const userName = v.check((user: string) => readHost(joinUser(user, 'host'))?.user === user, 'the name of a user')

const clusterName = v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'a name of letters, digits and . _ -'))

const hop = {
  command: v.pipe(
    v.array(v.string('text'), 'a list of words'),
    v.check(([program = '']) => program !== '', 'a list of words, the first of them a program'),
  ),
  words: v.optional(v.picklist(['line', 'argv'], '"line" or "argv"'), 'line'),
}

/** @param resolvePath makes a path of a file absolute */
export const configSchema = (resolvePath: (path: string) => string) => {
  const options = addStartOptions(new Command()).options.filter(
    (option) => !OF_ONE_CALL.includes(option.attributeName()),
  )
  const section = Object.fromEntries(
    options.map((option) => [keyOf(option), v.optional(schemaOf(option, resolvePath))]),
  )
  // Back from the file's keys to the options' own names.
  const attributes = new Map(options.map((option) => [keyOf(option), option.attributeName()]))
  const name = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [attributes.get(key) ?? key, value]))
  const host = {
    host: v.optional(v.pipe(v.string('text'), hostName)),
    user: v.optional(v.pipe(v.string('text'), userName)),
    ...section,
  }
  return {
    schema: v.strictObject({
      defaults: v.optional(v.pipe(table, v.strictObject(section), v.transform(name)), {}),
      hosts: v.optional(
        v.pipe(table, v.record(v.pipe(v.string(), hostName), v.pipe(table, v.strictObject(host), v.transform(name)))),
        {},
      ),
      clusters: v.optional(v.pipe(table, v.record(clusterName, v.string('text'))), {}),
      transports: v.optional(v.pipe(table, v.record(v.string(), v.pipe(table, v.strictObject(hop)))), {}),
    }),
    /** The keys that are known at a place. */
    known: ([outermost, , inner]: readonly string[]): readonly string[] => {
      if (outermost === 'defaults') return Object.keys(section)
      if (inner === undefined) return ['defaults', 'hosts', 'clusters', 'transports']
      return Object.keys(outermost === 'hosts' ? host : hop)
    },
  }
}
