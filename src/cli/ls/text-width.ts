/** How wide text is on a terminal, and cutting it to a width: letters may take two columns, or none. */
import stringWidth from 'string-width'

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

/** @param text without control characters */
export const widthOf = (text: string): number => (isPlain(text) ? text.length : stringWidth(text))

let segmenter: Intl.Segmenter | undefined

/** With a mark where it was cut. */
export const cutToWidth = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  if (width < 1) return ''
  if (isPlain(text)) return `${text.slice(0, width - 1)}…`
  segmenter ??= new Intl.Segmenter()
  let [kept, taken] = ['', 0]
  for (const { segment } of segmenter.segment(text)) {
    taken += stringWidth(segment)
    if (taken > width - 1) break
    kept += segment
  }
  return `${kept}…`
}
