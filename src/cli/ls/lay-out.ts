/** Lays out a table for a width: what doesn't fit is first said shorter, then left out, the least needed first. */
import { cutToWidth, widthOf } from './text-width.ts'

export interface Cell {
  readonly text: string
  /** Where there is little room. */
  readonly short?: string
  /** What makes the padded text colourful. */
  readonly paint?: (text: string) => string
}

export interface Column {
  readonly head: string
  /** What is left out first has the lowest. */
  readonly need: number
  /** May be cut to so many columns; others are never cut. */
  readonly least?: number
  /** Takes what room the others leave. */
  readonly isRest?: boolean
  readonly isRight?: boolean
}

const GAP = 2

/**
 * The head and a line for each row. No line is wider than `width`, colours not counted.
 * @param rows with a cell for each column; a column that is empty in every row is left out, but for the first
 */
export const layOutTable = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paintHead: (text: string) => string = (text) => text,
): readonly string[] => {
  const all = columns.map((_, index) => index)
  let kept = all.filter((index) => index === 0 || rows.some((row) => (row[index]?.text ?? '') !== ''))
  let isShort = false
  let widths = share(columns, rows, kept, isShort, width)
  while (widths === undefined && (kept.length > 1 || !isShort)) {
    if (isShort) {
      const least = Math.min(...kept.map((index) => columns[index]?.need ?? 0))
      kept = kept.filter((index) => columns[index]?.need !== least)
    }
    isShort = true
    widths = share(columns, rows, kept, isShort, width)
  }
  const heads = columns.map(({ head }) => ({ text: head, paint: paintHead }))
  return [heads, ...rows].map((row) => layOutLine(columns, row, kept, widths ?? [width], isShort))
}

const shown = (cell: Cell | undefined, isShort: boolean): string =>
  (isShort ? (cell?.short ?? cell?.text) : cell?.text) ?? ''

/** The columns' widths; undefined: they are too many. */
const share = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  kept: readonly number[],
  isShort: boolean,
  width: number,
): readonly number[] | undefined => {
  const wanted = kept.map((index) =>
    rows.reduce(
      (most, row) => Math.max(most, widthOf(shown(row[index], isShort))),
      widthOf(columns[index]?.head ?? ''),
    ),
  )
  const least = kept.map((index, at) => Math.min(wanted[at] ?? 0, columns[index]?.least ?? Number.POSITIVE_INFINITY))
  let room = width - GAP * (kept.length - 1) - least.reduce((sum, one) => sum + one, 0)
  if (room < 0) return undefined
  const widths = [...least]
  const give = (isRest: boolean): void => {
    for (;;) {
      const hungry = kept.flatMap((index, at) =>
        (columns[index]?.isRest ?? false) === isRest && (widths[at] ?? 0) < (wanted[at] ?? 0) ? [at] : [],
      )
      if (room === 0 || hungry.length === 0) return
      // Alike, until each has enough.
      const part = Math.max(1, Math.floor(room / hungry.length))
      for (const at of hungry) {
        const more = Math.min(part, room, (wanted[at] ?? 0) - (widths[at] ?? 0))
        widths[at] = (widths[at] ?? 0) + more
        room -= more
      }
    }
  }
  give(false)
  give(true)
  return widths
}

const layOutLine = (
  columns: readonly Column[],
  row: readonly Cell[],
  kept: readonly number[],
  widths: readonly number[],
  isShort: boolean,
): string => {
  const texts = kept.map((index, at) => {
    const width = widths[at] ?? 0
    const text = cutToWidth(shown(row[index], isShort), width)
    const isLast = at === kept.length - 1
    const fill = ' '.repeat(Math.max(0, width - widthOf(text)))
    if (text === '') return isLast ? '' : fill
    const painted = row[index]?.paint?.(text) ?? text
    if (columns[index]?.isRight === true) return fill + painted
    return isLast ? painted : painted + fill
  })
  return texts.join(' '.repeat(GAP)).trimEnd()
}
