/** Text for man pages: the few macros of man(7) that chap's pages are made of. */
import { fill } from '../help.ts'

/** In the roman font; nothing in it is a command of roff's. */
export const escapeRoff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')

export type Font = 'R' | 'B' | 'I'

/** @param around the font that goes on behind it */
export const inFont = (font: Font, roff: string, around: Font = 'R'): string => `\\f${font}${roff}\\f${around}`

/** Bytes that man pages' readers like a line to have at most. */
const WIDTH = 78

/** Lines of roff, so that none begins as a request does. */
export const fillRoff = (roff: string): string => fill(roff, WIDTH).map(guard).join('\n')

const guard = (line: string): string => (/^(\\f[RBI])?[.']/.test(line) ? `\\&${line}` : line)

export const paragraph = (roff: string): string => `.PP\n${fillRoff(roff)}\n`

/** What is said about a term, behind it. */
export const item = (term: string, roff: string): string => `.TP\n${guard(term)}\n${fillRoff(roff)}\n`

/** Lines as they are, moved in. */
export const verbatim = (lines: readonly string[]): string =>
  `.PP\n.RS 4\n.nf\n${lines.map((line) => guard(escapeRoff(line))).join('\n')}\n.fi\n.RE\n`

export const section = (title: string): string => `.SH ${quote(title.toUpperCase())}\n`
export const subsection = (title: string): string => `.SS ${quote(title)}\n`

const quote = (text: string): string => `"${escapeRoff(text).replaceAll('"', '\\(dq')}"`

export interface Title {
  readonly name: string
  readonly section: number
  readonly version: string
  /** YYYY-MM-DD */
  readonly date: string
  readonly summary: string
}

export const head = ({ name, section: number, version, date, summary }: Title): string =>
  `.\\" Made by the build; change its source.
.TH ${quote(name.toUpperCase())} ${number} ${date} "chap ${version}" "chap"
.SH NAME
${escapeRoff(name)} \\- ${escapeRoff(summary)}
`
