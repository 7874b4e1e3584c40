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

/** Lines of so many columns at the most: between words, and within one that is longer. The text's own spaces stay. */
export const foldToWidth = (text: string, width: number): readonly string[] => {
  if (widthOf(text) <= width) return [text]
  const lines: string[] = ['']
  // A word with the spaces before it, which go where a line begins.
  for (const [word] of text.matchAll(/\s*\S+/g)) {
    const last = lines.at(-1) ?? ''
    if (widthOf(last) + widthOf(word) <= width) lines[lines.length - 1] = last + word
    else lines.push(...cutInto(last === '' ? word : word.trimStart(), width))
  }
  return lines.filter((line, index) => index > 0 || line !== '')
}

const cutInto = (word: string, width: number): readonly string[] => {
  if (widthOf(word) <= width) return [word]
  segmenter ??= new Intl.Segmenter()
  const pieces: string[] = ['']
  for (const { segment } of segmenter.segment(word)) {
    const last = pieces.at(-1) ?? ''
    if (widthOf(last) + widthOf(segment) > width && last !== '') pieces.push(segment)
    else pieces[pieces.length - 1] = last + segment
  }
  return pieces
}
