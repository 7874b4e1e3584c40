/** Quoting, for sh and for shells that aren't. */

/** One word for a POSIX shell. */
export const quoteWord = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

const octal = (byte: number): string => `\\0${byte.toString(8).padStart(3, '0')}`

/** Bytes as printf's %b reads them: passes through every login shell (fish, csh, yash, ... quote each in their own way). */
export const toOctal = (text: string): string => Array.from(Buffer.from(text), octal).join('')

/** od's digits, three for each byte. */
export const bytesOfOctal = (digits: string): Buffer =>
  Buffer.from((digits.match(/[0-7]{3}/g) ?? []).map((digit) => Number.parseInt(digit, 8)))

export const fromOctal = (digits: string): string => bytesOfOctal(digits).toString()

/** Bytes that every shell known to us reads within single quotes as themselves. */
const isHarmless = (byte: number): boolean => byte >= 0x20 && byte < 0x7f && !"'\\!".includes(String.fromCharCode(byte))

/**
 * A command line that runs `script` with sh, whatever shell reads the line. For short scripts: a command line has a limit.
 * What is harmless stays as it is, so that a line within a line within a line does not grow fivefold each time.
 */
export const runBySh = (script: string): string => {
  const bytes = Array.from(Buffer.from(script))
  if (bytes.every(isHarmless)) return `sh -c '${script}'`
  const text = bytes.map((byte) => (isHarmless(byte) ? String.fromCharCode(byte) : octal(byte))).join('')
  return `sh -c 'eval "shift; $(printf %b "$1")"' sh '${text}'`
}
