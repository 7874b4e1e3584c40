/** What has to be written to a terminal so that it shows other lines than before: those that differ, and nothing else. */

/** The terminal shows what is between them at once, where it can. */
const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l']

/**
 * @param before what it shows, from its first row; undefined: that is not known
 * @param after cut to the terminal's size
 * @returns empty: nothing has to be done
 */
export const diffScreens = (before: readonly string[] | undefined, after: readonly string[]): string => {
  // Of rows beyond the last one a terminal makes the last one: what is not known is cleared before anything is written.
  if (before === undefined) return `${BEGIN}${clearFrom(0)}${after.map(writeRow).join('')}${END}`
  const changes = after.map((line, row) => (before[row] === line ? '' : writeRow(line, row)))
  const rest = before.length > after.length ? clearFrom(after.length) : ''
  const text = `${changes.join('')}${rest}`
  return text === '' ? '' : `${BEGIN}${text}${END}`
}

const goTo = (row: number): string => `\u001b[${row + 1};1H`
/** The rest of the line after the text, not all of it before: nothing flickers. */
const writeRow = (line: string, row: number): string => `${goTo(row)}${line}\u001b[K`
const clearFrom = (row: number): string => `${goTo(row)}\u001b[J`
