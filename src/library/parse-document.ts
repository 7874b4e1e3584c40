/** A document's text: JSON, and nothing else. What is wrong is said with its place in the text. */
import type { AnyNode } from '@humanwhocodes/momoa'
import { formatPath } from './misfits.ts'

/** Bytes. What is longer is no document: a program's input belongs into a file. */
export const MOST_BYTES = 4 * 1024 * 1024

export type DocumentFault =
  | { readonly code: 'too_long'; readonly most: number }
  /** line and column: from 1. */
  | { readonly code: 'syntax'; readonly line: number; readonly column: number; readonly detail: string }

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: DocumentFault }

export const parseDocument = async (text: string): Promise<Parsed> => {
  if (Buffer.byteLength(text) > MOST_BYTES) return { ok: false, fault: { code: 'too_long', most: MOST_BYTES } }
  // A program has its document as a value.
  const { parse } = await import('@humanwhocodes/momoa')
  try {
    const fault = findRepeated(parse(text, { mode: 'json' }).body, [])
    return fault === undefined ? { ok: true, value: JSON.parse(text) } : { ok: false, fault }
  } catch (error) {
    return { ok: false, fault: faultOf(error as Error) }
  }
}

const faultOf = (error: Error): DocumentFault => {
  if (error instanceof RangeError) return { code: 'syntax', line: 1, column: 1, detail: 'nested too deeply' }
  const { line, column } = error as { line?: number; column?: number }
  // momoa counts columns from 1, and names them in its words as well.
  const detail = error.message.replace(/ \(\d+:\d+\)$/, '').replace(/\.$/, '')
  return { code: 'syntax', line: line ?? 1, column: column ?? 1, detail }
}

/** A name that an object has twice: readers don't agree on which of them counts. */
const findRepeated = (node: AnyNode, path: readonly (string | number)[]): DocumentFault | undefined => {
  if (node.type === 'Array') return firstOf(node.elements, ({ value }, index) => findRepeated(value, [...path, index]))
  if (node.type !== 'Object') return undefined
  const names = new Set<string>()
  return firstOf(node.members, ({ name, value }) => {
    const key = name.type === 'String' ? name.value : name.type === 'Identifier' ? name.name : ''
    const here = [...path, key]
    if (names.has(key)) {
      const { line, column } = name.loc.start
      return { code: 'syntax', line, column, detail: `${formatPath(here)} is there twice` }
    }
    names.add(key)
    return findRepeated(value, here)
  })
}

const firstOf = <T, R>(items: readonly T[], find: (item: T, index: number) => R | undefined): R | undefined => {
  for (const [index, item] of items.entries()) {
    const found = find(item, index)
    if (found !== undefined) return found
  }
  return undefined
}
