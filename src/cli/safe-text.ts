/** Text from elsewhere (names, hosts, commands, ssh's words) made harmless for a terminal. The job's own output is never touched. */

// C0 and C1 controls, DEL, and the marks that turn the direction of what follows.
const CONTROLS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\u001b': '\\e' }

/** One line, without control characters: they are shown as escapes. */
export const safeText = (text: string): string =>
  text.replace(CONTROLS, (char) => NAMED[char] ?? `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`)

// ECMA-48's control sequences, and xterm's titles and links. Node's own stripVTControlCharacters takes letters before a bell along.
const [ESC, BEL, CSI, OSC, ST] = ['\u001b', '\u0007', '\u009b', '\u009d', '\u009c']
const SEQUENCES = new RegExp(
  `(?:${ESC}\\[|${CSI})[0-?]*[ -/]*[@-~]|(?:${ESC}\\]|${OSC})[^${BEL}${ESC}${OSC}${ST}]*(?:${BEL}|${ESC}\\\\|${ST})`,
  'g',
)

/** A line of a job's output, shown beside other things: colours and the like are left out, other control characters are shown. */
export const safeLine = (line: string): string => safeText(line.replace(SEQUENCES, '').replaceAll('\t', '  '))

/** Of several lines, each made harmless. */
export const safeLines = (text: string): string => text.split('\n').map(safeText).join('\n')

/** Cut to so many columns, with a mark where it was. Wide characters count as one: no more than a help for the eye. */
export const fitText = (text: string, columns: number): string => {
  const chars = [...text]
  if (chars.length <= columns) return text
  return columns < 1 ? '' : `${chars.slice(0, columns - 1).join('')}…`
}

const PLAIN = /^[\w@%+=:,./-]+$/

/** An argv as one would type it. */
export const showArgv = (argv: readonly string[]): string =>
  argv.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')

/** An argv to be pasted into a shell: as showArgv, with control characters in bash's way. */
export const pasteArgv = (argv: readonly string[]): string =>
  argv.map((word) => (word.search(CONTROLS) < 0 ? showArgv([word]) : `$'${escapeWord(word)}'`)).join(' ')

const escapeWord = (word: string): string =>
  word
    .replace(/[\\']/g, '\\$&')
    .replace(CONTROLS, (char) =>
      Array.from(Buffer.from(char), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    )
