/** Reading a record: what can't be understood is said, with the place, and never guessed at. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { FORMAT } from './schema.ts'

/** missing: no such file. damaged: not the JSON expected. newer: whole, but written by a chap that this one can't read: it is left alone. */
export type ReadFault =
  | { readonly code: 'missing'; readonly path: string }
  | { readonly code: 'damaged'; readonly path: string; readonly detail: string }
  | { readonly code: 'newer'; readonly path: string; readonly format: number; readonly detail: string }

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: ReadFault }

/** @throws ErrnoException for anything but a missing file (EACCES, EIO, ...) */
export const readRecord = <S extends v.GenericSchema>(path: string, schema: S): Read<v.InferOutput<S>> => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { ok: false, fault: { code: 'missing', path } }
    throw error
  }
  return parseRecord(path, text, schema)
}

const parseRecord = <S extends v.GenericSchema>(path: string, text: string, schema: S): Read<v.InferOutput<S>> => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { ok: false, fault: { code: 'damaged', path, detail: (error as SyntaxError).message } }
  }
  const format = formatOf(json)
  if (format > FORMAT) return { ok: false, fault: { code: 'newer', path, format, detail: `it has format ${format}` } }
  const parsed = v.safeParse(schema, json)
  if (parsed.success) return { ok: true, value: parsed.output }
  const issue = parsed.issues.find((one) => !isUnknownWord(one)) ?? parsed.issues[0]
  const detail = `${v.getDotPath(issue) ?? 'the record'}: ${issue.message}`
  if (isUnknownWord(issue)) return { ok: false, fault: { code: 'newer', path, format, detail } }
  return { ok: false, fault: { code: 'damaged', path, detail } }
}

/** A state, an outcome, a reason that there is no such thing as here: no damage makes a word of a word. */
const isUnknownWord = ({ type, input }: v.BaseIssue<unknown>): boolean =>
  (type === 'picklist' || type === 'variant') && typeof input === 'string'

const formatOf = (json: unknown): number => {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  return typeof format === 'number' ? format : 0
}
