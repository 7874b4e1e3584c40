/** Quoting, for sh and for shells that aren't. */

/** One word for a POSIX shell. */
export const quoteWord = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Bytes as printf's %b reads them: passes through every login shell (fish, csh, yash, ... quote each in their own way). */
export const toOctal = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('')

/** od's digits, three for each byte. */
export const fromOctal = (digits: string): string =>
  Buffer.from((digits.match(/[0-7]{3}/g) ?? []).map((octal) => Number.parseInt(octal, 8))).toString()

/** A command line that runs `script` with sh, whatever shell reads the line. For short scripts: a command line has a limit. */
export const runBySh = (script: string): string => `sh -c 'eval "$(printf %b "$1")"' sh '${toOctal(script)}'`
