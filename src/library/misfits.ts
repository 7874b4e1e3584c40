/** What is wrong with a document: each field with its path, what was expected there, and what was found. */
import type * as v from 'valibot'

export interface Misfit {
  /** As a program writes it: `program.argv[2]`; empty: the document itself. */
  readonly path: string
  readonly expected: string
  readonly found: string
}

/** All that valibot found. Of what may be a secret only the kind is said. */
export const misfitsOf = (issues: readonly v.BaseIssue<unknown>[]): readonly Misfit[] =>
  issues.flatMap((issue): readonly Misfit[] => {
    const keys = issue.path?.map(({ key }) => key as string | number) ?? []
    const path = formatPath(keys)
    if (issue.type === 'object_with_rest' && issue.path !== undefined && issue.input === undefined)
      return [{ path, expected: 'a value: it is required', found: 'nothing' }]
    // A field that is unknown may be a secret in the wrong place.
    const isSecret = issue.type === 'never' || keys[0] === 'callback' || keys.includes('env') || keys.includes('stdin')
    return [{ path, expected: issue.message, found: isSecret ? kindOf(issue.input) : show(issue.input) }]
  })

export const formatPath = (keys: readonly (string | number)[]): string =>
  keys
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`
      if (!/^\w+$/.test(key)) return `[${JSON.stringify(key)}]`
      return index === 0 ? key : `.${key}`
    })
    .join('')

const LONGEST = 60

const show = (input: unknown): string => {
  if (typeof input === 'object' && input !== null) return kindOf(input)
  const text = JSON.stringify(input) ?? 'nothing'
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
}

const kindOf = (input: unknown): string => {
  if (input === undefined) return 'nothing'
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object') return 'an object'
  return typeof input === 'string' ? 'text' : `a ${typeof input}`
}
