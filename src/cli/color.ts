/** Colours, decided for each stream by itself: `--color` goes before NO_COLOR, and that before FORCE_COLOR and CLICOLOR_FORCE; else a terminal has them. */
import type { Context, Output } from './context.ts'

export type ColorWish = 'auto' | 'always' | 'never'

export const hasColor = ({ env }: Pick<Context, 'env'>, output: Output, wish: ColorWish): boolean => {
  if (wish !== 'auto') return wish === 'always'
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const force = env['FORCE_COLOR'] ?? ''
  if (NO.has(force)) return false
  const forced = env['CLICOLOR_FORCE'] ?? ''
  if (force !== '' || (forced !== '' && forced !== '0')) return true
  return output.isTerminal && env['TERM'] !== 'dumb'
}

/** What FORCE_COLOR says to have none. */
const NO: ReadonlySet<string> = new Set(['0', 'false'])

/** In one of the 256 colours. */
export const paint = (color: number, text: string): string => `\u001b[38;5;${color}m${text}\u001b[39m`

/** Okabe and Ito's, as near as 256 colours come: told apart with any eyes, on dark and on light ground. */
const DISTINCT = [208, 74, 36, 178, 32, 166, 175] as const

/** The colour of a name is the same in every call. */
export const paintName = (name: string, text: string): string => {
  let hash = 0
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003
  return paint(DISTINCT[hash % DISTINCT.length] ?? DISTINCT[0], text)
}
