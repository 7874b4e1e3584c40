/** `--format`: columns by their names, or a template such as `{id} {state}`. */
import { usage } from '../../index.ts'
import type { Problem } from '../problem.ts'
import { safeText } from '../safe-text.ts'
import { FIELDS, type FieldName, type Glance, isFieldName, labelOf } from './fields.ts'

export type Format =
  | { readonly kind: 'columns'; readonly columns: readonly FieldName[] }
  | { readonly kind: 'template'; readonly write: (glance: Glance) => string }

const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\t': '\t', '\\\\': '\\', '{{': '{', '}}': '}' }

export const readFormat = (text: string): Format | Problem => {
  if (text.includes('{')) return readTemplate(text)
  const columns: FieldName[] = []
  for (const word of text.split(',')) {
    const name = word.trim().toLowerCase()
    if (!isFieldName(name)) return unknownField(word.trim())
    columns.push(name)
  }
  return { kind: 'columns', columns }
}

const readTemplate = (text: string): Format | Problem => {
  const parts: ((glance: Glance) => string)[] = []
  for (const [token] of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|\\[nt\\]|[\s\S]/g)) {
    const name = /^\{([^{}]*)\}$/.exec(token)?.[1]
    const part = name === undefined ? undefined : readField(name)
    if (name !== undefined && part === undefined) return unknownField(name)
    parts.push(part ?? (() => ESCAPES[token] ?? token))
  }
  return { kind: 'template', write: (glance) => parts.map((part) => part(glance)).join('') }
}

const readField = (name: string): ((glance: Glance) => string) | undefined => {
  const label = /^label\.(.+)$/s.exec(name)?.[1]
  if (label !== undefined) return ({ view: { spec } }) => safeText(spec.ok ? (labelOf(spec.value, label) ?? '') : '')
  return isFieldName(name) ? FIELDS[name].text : undefined
}

const unknownField = (name: string): Problem =>
  usage(`--format knows no '${name}'`, `fields: ${Object.keys(FIELDS).join(', ')}, and in a template label.KEY`)
