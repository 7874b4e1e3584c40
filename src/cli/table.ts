/** Lays out rows: aligned and cut to the terminal, or tab-separated and whole for a pipe. */
import { fitText } from './safe-text.ts'

/** Columns that are empty in every row are left out. The last one takes what is left of the width. */
export const layOut = (head: readonly string[], rows: readonly (readonly string[])[], width: number): string => {
  const kept = head.map((_, index) => index).filter((index) => index === 0 || rows.some((row) => row[index] !== ''))
  const lines = [head, ...rows].map((row) => kept.map((index) => row[index] ?? ''))
  const widths = kept.map((_, index) => Math.max(...lines.map((line) => [...(line[index] ?? '')].length)))
  return lines
    .map((line) => {
      const cells = line.map((cell, index) => (index === line.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      return `${fitText(cells.join('  '), width).trimEnd()}\n`
    })
    .join('')
}

/** Every column, always, so that `cut -f` finds it. No cell holds a tab: their texts are made safe. */
export const separateByTabs = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.join('\t')}\n`).join('')
