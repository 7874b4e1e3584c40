/** A line of a card: what it is about, and what there is to say. */
import { sayAgo } from '../ls/human-times.ts'
import type { StateKind } from '../ls/state-kind.ts'
import type { Words } from '../words.ts'

export interface Line {
  /** Empty: it goes on with the line before. */
  readonly label: string
  readonly text: string
  /** Said by the way, behind it. */
  readonly note?: string
  /** Shown with its glyph and colour. */
  readonly kind?: StateKind
  /** What is wrong, or what to do about it. */
  readonly isBad?: boolean
}

/** Sections of lines, none of them empty. */
export type Card = readonly (readonly Line[])[]

/** @param time RFC 3339 @param now milliseconds since the epoch */
export const lineOfTime = (label: string, time: string, now: number, note = ''): Line => ({
  label,
  text: time.replace(/\.\d+Z$/, 'Z'),
  note: `(${sayAgo(now - Date.parse(time))}${note})`,
})

export const linesOf = (pairs: readonly (readonly [string, string])[]): Line[] =>
  pairs.map(([label, text]) => ({ label, text }))

export const linesOfWords = (label: string, { message, hint }: Words): Line[] => [
  { label, text: message, isBad: true },
  ...(hint === null ? [] : [{ label: 'hint', text: hint, isBad: true }]),
]
