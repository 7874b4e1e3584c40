/**
 * Node sets, the cluster world's way to write many hosts as one word: `web[01-40,50],db1`, `rack[1-4]n[1-8]`, `web[1-9]!web3`,
 * `web[1-9]&web[5-20]`, `a^b`, `@cluster`. Operators are taken from left to right, as ClusterShell takes them.
 */
import { countOf, numbersOf, parseRanges } from './node-ranges.ts'

/** Hosts in one set: more is a slip of the pen. */
export const MOST_NODES = 100_000

export type NodeSetFault =
  /** `at`: the piece that can't be read. */
  | { readonly code: 'bad_range' | 'bad_bracket' | 'bad_name' | 'no_operand'; readonly at: string }
  | { readonly code: 'too_many'; readonly at: string }
  | { readonly code: 'no_such_cluster'; readonly at: string }
  /** `at`: the cluster that contains itself. */
  | { readonly code: 'cluster_in_itself'; readonly at: string }

export type Expanded =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: false; readonly fault: NodeSetFault }

/** Names of clusters and the node sets they stand for. */
export type Clusters = ReadonlyMap<string, string>

class Refused extends Error {
  readonly fault: NodeSetFault

  constructor(fault: NodeSetFault) {
    super(fault.code)
    this.fault = fault
  }
}

const refuse = (code: NodeSetFault['code'], at: string): never => {
  throw new Refused({ code, at })
}

/** All names, each once, in the order written. */
export const expandNodes = (text: string, clusters: Clusters = new Map()): Expanded => {
  const known = new Map<string, ReadonlySet<string> | 'open'>()
  const lookUp = (name: string): ReadonlySet<string> => {
    const found = known.get(name)
    if (found === 'open') return refuse('cluster_in_itself', `@${name}`)
    if (found !== undefined) return found
    const own = clusters.get(name) ?? refuse('no_such_cluster', `@${name}`)
    known.set(name, 'open')
    const names = evaluate(own, lookUp)
    known.set(name, names)
    return names
  }
  try {
    return { ok: true, names: [...evaluate(text, lookUp)] }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, fault: error.fault }
    throw error
  }
}

type LookUp = (cluster: string) => ReadonlySet<string>

const evaluate = (text: string, lookUp: LookUp): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const { operator, operand } of splitOperands(text)) {
    combine(names, operator, expandOperand(operand, lookUp))
    if (names.size > MOST_NODES) refuse('too_many', text)
  }
  return names
}

/** In place: a long list is a long row of unions. */
const combine = (names: Set<string>, operator: string, others: ReadonlySet<string>): void => {
  if (operator === '&') {
    for (const name of names) if (!others.has(name)) names.delete(name)
    return
  }
  for (const name of others) {
    if (operator === '!' || (operator === '^' && names.has(name))) names.delete(name)
    else names.add(name)
  }
}

/** An operator, white space, or an operand with its brackets. */
const TOKEN = /[,!&^]|\s+|(?:\[[^\]]*\]?|[^[\s,!&^])+/g

/** Operands, each with the operator before it; the first is a union with nothing, and so is what only white space parts. */
const splitOperands = (text: string): { readonly operator: string; readonly operand: string }[] => {
  const operands: { operator: string; operand: string }[] = []
  let operator: string | null = ','
  for (const [token] of text.matchAll(TOKEN)) {
    if (/^\s/.test(token)) continue
    if (/^[,!&^]$/.test(token)) {
      if (operator !== null) refuse('no_operand', text)
      operator = token
    } else {
      operands.push({ operator: operator ?? ',', operand: token })
      operator = null
    }
  }
  if (operator !== null) refuse('no_operand', text)
  return operands
}

const expandOperand = (operand: string, lookUp: LookUp): ReadonlySet<string> => {
  const names = expandBrackets(operand)
  if (!operand.startsWith('@')) return new Set(names)
  return new Set(names.flatMap((name) => [...lookUp(name.slice(1))]))
}

/** An address of IPv6 in its brackets is no range. */
const PIECE = /(\[[0-9a-f]*:[0-9a-f:.]*(?:%[\w.-]+)?\])|\[([^[\]]*)\]|[^[\]]+|[[\]]/gi

const expandBrackets = (operand: string): readonly string[] => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x20\x7f]/.test(operand)) refuse('bad_name', operand)
  let names: readonly string[] = ['']
  for (const [piece, address, inside] of operand.matchAll(PIECE)) {
    if (piece === '[' || piece === ']') refuse('bad_bracket', operand)
    if (address !== undefined || inside === undefined) {
      names = names.map((name) => name + piece)
      continue
    }
    const ranges = parseRanges(inside) ?? refuse('bad_range', piece)
    const count = ranges.reduce((sum, range) => sum + countOf(range), 0)
    if (names.length * count > MOST_NODES) refuse('too_many', operand)
    const numbers = ranges.flatMap(numbersOf)
    names = names.flatMap((name) => numbers.map((number) => name + number))
  }
  return names
}
