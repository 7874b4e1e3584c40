/** Lays a card out: its texts in one column, folded to a terminal's width; whole in a pipe. */
import { paint } from '../color.ts'
import { LOOKS } from '../ls/state-kind.ts'
import { foldToWidth } from '../ls/text-width.ts'
import type { Card, Line } from './line.ts'

export interface Showing {
  /** null: no terminal. */
  readonly columns: number | null
  readonly hasColor: boolean
  readonly hasGlyphs: boolean
}

const GREY = 244
const GAP = 2
/** Lines that are longer are hard to read. */
const WIDEST = 120
/** Columns that a text has at the least. */
const NARROWEST = 20

export const showCard = (card: Card, { columns, hasColor, hasGlyphs }: Showing): string => {
  const labels = Math.max(...card.flat().map(({ label }) => label.length)) + GAP
  const room = columns === null ? Number.POSITIVE_INFINITY : Math.max(NARROWEST, Math.min(columns - 1, WIDEST) - labels)
  const painted = (color: number | null, text: string): string =>
    hasColor && color !== null ? paint(color, text) : text
  const showLine = (line: Line): string => {
    const { glyph, plain, color } = line.kind === undefined ? NOTHING : LOOKS[line.kind]
    const mark = line.kind === undefined || columns === null ? '' : `${hasGlyphs ? glyph : plain} `
    const note = line.note ?? ''
    const lines = foldToWidth(`${mark}${line.text}${note === '' ? '' : `  ${note}`}`, room)
    return lines
      .map((text, index) => {
        const label = painted(GREY, (index === 0 ? line.label : '').padEnd(labels))
        return `${label}${line.isBad === true || line.kind !== undefined ? painted(line.kind === undefined ? BAD : color, text) : text}`.trimEnd()
      })
      .map((text) => `${text}\n`)
      .join('')
  }
  return card.map((lines) => lines.map(showLine).join('')).join('\n')
}

const NOTHING = { glyph: '', plain: '', color: null }
const BAD = LOOKS.failed.color

/** Between two jobs. */
export const ruleOf = ({ columns, hasGlyphs }: Showing): string =>
  `\n${(columns !== null && hasGlyphs ? '─' : '-').repeat(Math.min(columns ?? RULE, WIDEST) - 1)}\n\n`

const RULE = 40
