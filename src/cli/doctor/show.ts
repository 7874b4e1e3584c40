/** A step as a line: whole in a pipe; on a terminal folded to its width, with a glyph, and what is wrong in colour. */
import { paint } from '../color.ts'
import { LOOKS } from '../ls/state-kind.ts'
import { foldToWidth } from '../ls/text-width.ts'
import { safeLines, safeText } from '../safe-text.ts'
import type { Step } from './step.ts'
import { labelOf } from './words.ts'

export interface Showing {
  /** null: no terminal. */
  readonly columns: number | null
  readonly hasColor: boolean
  readonly hasGlyphs: boolean
}

type Status = Step['status']

const MARKS: Readonly<Record<Status, string>> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL', skip: 'skip' }
/** As `chap ls` has them. */
const GLYPHS: Readonly<Record<Status, string>> = { ok: '✓', warn: '!', fail: '✗', skip: '○' }
const GREY = 244
const COLORS: Readonly<Record<Status, number | null>> = {
  ok: LOOKS.succeeded.color,
  warn: LOOKS.pending.color,
  fail: LOOKS.failed.color,
  skip: GREY,
}
const LABEL_WIDTH = 12
/** Lines that are longer are hard to read. */
const WIDEST = 110
/** Milliseconds: what took less is no news for a person. */
const SLOW_MS = 100
/** Of what is to be copied, which stays as it is. */
const INDENT = '    '

/** @param hint what to do, where that was not said yet */
export const showStep = (one: Step, hint: string | null, { columns, hasColor, hasGlyphs }: Showing): string => {
  const isTerminal = columns !== null
  const mark = isTerminal && hasGlyphs ? GLYPHS[one.status] : MARKS[one.status]
  const head = `${mark}  ${labelOf(one).padEnd(LABEL_WIDTH)}  `
  const room = isTerminal ? Math.max(20, Math.min(columns - 1, WIDEST) - head.length) : Number.POSITIVE_INFINITY
  const isTold = one.ms !== null && (!isTerminal || one.ms >= SLOW_MS || one.name === 'round_trip')
  const time = isTold ? ` (${formatMs(one.ms)})` : ''
  const color = COLORS[one.status]
  const painted = (text: string, by: number | null): string => (hasColor && by !== null ? paint(by, text) : text)
  const [first = '', ...rest] = [...foldToWidth(`${safeText(one.evidence)}${time}`, room)]
  const lines = [
    `${painted(`${mark}  `, color)}${labelOf(one).padEnd(LABEL_WIDTH)}  ${first}`,
    ...rest.map((line) => ' '.repeat(head.length) + line),
  ]
  if (hint !== null) {
    const [words = '', ...text] = safeLines(hint).split('\n')
    lines.push(...foldToWidth(`hint: ${words}`, room).map((line) => ' '.repeat(head.length) + painted(line, color)))
    lines.push(...text.map((line) => `${INDENT}${line}`.trimEnd()))
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

const formatMs = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`)

/** What to think of all of it. */
export const sumUp = (steps: readonly Pick<Step, 'status'>[]): string => {
  const count = (status: Status): number => steps.filter((one) => one.status === status).length
  const parts = [
    ...(count('fail') === 0 ? [] : [`${count('fail')} of ${steps.length} steps failed`]),
    ...(count('warn') === 0 ? [] : [count('warn') === 1 ? '1 warning' : `${count('warn')} warnings`]),
  ]
  return parts.length === 0 ? 'all is well' : parts.join(', ')
}
