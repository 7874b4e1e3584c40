/** Reads the values of options; what can't be read is a usage error that says what was expected. */
import { InvalidArgumentError, Option } from 'commander'
import { isChosenId, isJobName, isPort, isUserName, parseDuration, parseSignal, type Signal } from '../index.ts'
import { addLabel } from './label.ts'

/** Milliseconds. */
export const readDuration = (text: string): number => {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 10s, 5m, 2h or 1d.')
  return ms
}

const SIZES = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const

/** Bytes. */
export const readSize = (text: string): number => {
  const [, number, unit = ''] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? []
  if (number === undefined) throw new InvalidArgumentError('Expected a size in bytes, such as 65536, 64k or 1M.')
  return Number(number) * SIZES[unit.toLowerCase() as keyof typeof SIZES]
}

/** A moment: how long ago, or RFC 3339. @returns what gives it in milliseconds since the epoch, from now's */
export const readSince = (text: string): ((now: number) => number) => {
  const ago = parseDuration(text)
  if (ago !== undefined) return (now) => now - ago
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isNaN(time))
    throw new InvalidArgumentError('Expected a duration such as 10m, or a time such as 2026-11-27T04:30:00Z.')
  return () => time
}

export const readSignal = (text: string): Signal => {
  const signal = parseSignal(text)
  if (signal === undefined) throw new InvalidArgumentError('Expected a signal such as TERM, SIGINT or 9.')
  return signal
}

export const readCount = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a number.')
  return Number(text)
}

export const readPort = (text: string): number => {
  const port = readCount(text)
  if (!isPort(port)) throw new InvalidArgumentError('Expected a port, 1 to 65535.')
  return port
}

/** `15x3`: seconds between keepalives, and how many may go unanswered. */
export const readKeepalive = (text: string): { interval: number; count: number } => {
  const [, interval, count] = /^(\d{1,6})x(\d{1,4})$/.exec(text) ?? []
  if (Number(interval ?? 0) < 1 || Number(count ?? 0) < 1)
    throw new InvalidArgumentError('Expected SECONDSxCOUNT, such as 15x3.')
  return { interval: Number(interval), count: Number(count) }
}

export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** `key=value`, repeatable. */
export const collectLabels = (
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => {
  const labels = addLabel(text, before)
  if (labels === undefined) throw new InvalidArgumentError('Expected KEY=VALUE.')
  return labels
}

export const readId = (text: string): string => {
  if (!isChosenId(text))
    throw new InvalidArgumentError("Expected 3 to 32 lower-case letters and digits, a letter first, and not 'last'.")
  return text
}

export const readName = (text: string): string => {
  if (!isJobName(text))
    throw new InvalidArgumentError("Expected one word that doesn't begin with a dash and is not 'last'.")
  return text
}

export const colorOption = (): Option =>
  new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto')

/** May be given several times? */
export const isRepeatable = ({ parseArg }: Option): boolean => parseArg === collect || parseArg === collectLabels
export const readUser = (text: string): string => {
  if (!isUserName(text)) throw new InvalidArgumentError('Expected the name of a user.')
  return text
}

/** As JavaScript has it. */
export const readPattern = (text: string): RegExp => {
  const pattern = compile(text)
  if (pattern instanceof RegExp) return pattern
  throw new InvalidArgumentError(`${pattern}.`)
}

/** @returns or why it is none */
const compile = (text: string): RegExp | string => {
  try {
    return new RegExp(text, 'u')
  } catch (error) {
    return (error as Error).message
  }
}
