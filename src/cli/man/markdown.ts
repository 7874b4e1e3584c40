/** Markdown, as far as chap's own documents use it, as the text of a man page. A table becomes a list of terms: a page is narrow. */
import { lexer, type Token, type Tokens } from 'marked'
import { escapeRoff, type Font, fillRoff, inFont, item, paragraph, section, subsection, verbatim } from './roff.ts'

/** @param depth of the headings that become sections; those below become subsections, those above are passed over */
export const roffOfMarkdown = (markdown: string, depth: number): string =>
  lexer(markdown)
    .map((token) => roffOfBlock(token, depth))
    .join('')

/** What stands below a heading, up to the next one of its rank. @throws RangeError when there is none */
export const sectionOf = (markdown: string, title: string): string => {
  const tokens = lexer(markdown)
  const at = tokens.findIndex((token) => token.type === 'heading' && token['text'] === title)
  const found = tokens[at]
  if (found === undefined) throw new RangeError(`no heading ${title}`)
  const next = tokens.findIndex(
    (token, index) => index > at && token.type === 'heading' && token['depth'] <= (found as Tokens.Heading).depth,
  )
  return tokens
    .slice(at + 1, next < 0 ? undefined : next)
    .map(({ raw }) => raw)
    .join('')
}

/** @throws RangeError for what no document of chap's holds yet, rather than leave it out */
const roffOfBlock = (token: Token, depth: number): string => {
  switch (token.type) {
    case 'space':
      return ''
    case 'heading': {
      const { depth: own, tokens = [], text } = token as Tokens.Heading
      if (own < depth) return ''
      return own === depth ? section(text) : subsection(plainOf(tokens))
    }
    case 'paragraph':
      return paragraph(roffOfInline(token.tokens ?? []))
    case 'code':
      return verbatim((token as Tokens.Code).text.split('\n'))
    case 'list':
      return roffOfList(token as Tokens.List)
    case 'table':
      return roffOfTable(token as Tokens.Table)
    default:
      throw new RangeError(`a man page has no ${token.type}: ${token.raw}`)
  }
}

const roffOfList = ({ ordered, start, items }: Tokens.List): string =>
  items
    .map(({ tokens }, index) => {
      const mark = ordered ? `${Number(start) + index}.` : '\\(bu'
      const [first, ...others] = tokens.filter(({ type }) => type !== 'space')
      const inner = first === undefined || !('tokens' in first) ? [] : (first.tokens ?? [])
      return `.IP ${mark} 4\n${fillRoff(roffOfInline(inner))}\n${others.map((token) => roffOfBlock(token, 1)).join('')}`
    })
    .join('')

const roffOfTable = ({ rows }: Tokens.Table): string =>
  rows
    .map(([first, ...others]) =>
      item(roffOfInline(first?.tokens ?? []), others.map(({ tokens }) => roffOfInline(tokens)).join('; ')),
    )
    .join('')

const roffOfInline = (tokens: readonly Token[], font: Font = 'R'): string =>
  tokens.map((token) => roffOfSpan(token, font)).join('')

const roffOfSpan = (token: Token, font: Font): string => {
  const inner = (own: Font): string => roffOfInline(token.type === 'text' ? [] : (spansOf(token) ?? []), own)
  switch (token.type) {
    case 'strong':
      return inFont('B', inner('B'), font)
    case 'em':
      return inFont('I', inner('I'), font)
    case 'codespan':
      return inFont('B', escapeRoff((token as Tokens.Codespan).text), font)
    case 'link': {
      const { href } = token as Tokens.Link
      return /^https?:/.test(href) ? `${inner(font)} <${escapeRoff(href)}>` : inner(font)
    }
    case 'text': {
      const nested = spansOf(token)
      return nested === undefined ? escapeRoff((token as Tokens.Text).text) : roffOfInline(nested, font)
    }
    case 'escape':
      return escapeRoff((token as Tokens.Escape).text)
    case 'br':
      return '\n'
    default:
      throw new RangeError(`a man page has no ${token.type}: ${token.raw}`)
  }
}

const spansOf = (token: Token): Token[] | undefined => ('tokens' in token ? token.tokens : undefined)

const plainOf = (tokens: readonly Token[]): string =>
  tokens.map((token) => ('text' in token ? String(token['text']) : '')).join('')
