/** What has to be written to a terminal so that it shows other lines than before: those that differ, and nothing else. */

const goTo = (row: number): string => `\u001b[${row + 1};1H`
/** To the line's end, after the text: nothing flickers. */
const CLEAR_REST = '\u001b[K'
/** The terminal shows what is between them at once, where it can. */
const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l']

/**
 * @param before what it shows, from its first row; undefined: that is not known
 * @param after cut to the terminal's size
 * @returns empty: nothing has to be done
 */
export const diffScreens = (before: readonly string[] | undefined, after: readonly string[]): string => {
  const isChanged = (line: string, row: number): boolean => before === undefined || (before[row] ?? '') !== line
  const changes = after.flatMap((line, row) => (isChanged(line, row) ? [`${goTo(row)}${line}${CLEAR_REST}`] : []))
  const hasRest = before === undefined || before.length > after.length
  // Of the rows below, all at once.
  const rest = hasRest ? `${goTo(after.length)}\u001b[J` : ''
  const text = `${changes.join('')}${rest}`
  return text === '' ? '' : `${BEGIN}${text}${END}`
}
