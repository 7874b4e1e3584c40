// The commands that chap's documents show: what stands in their code, and what is said between two backticks in a sentence or a table.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lexer, type Token, type Tokens, walkTokens } from 'marked'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Shown {
  /** Its file, and the words of it that find it there. */
  readonly place: string
  /** Lines for sh, in their order. */
  readonly lines: readonly string[]
}

/** The blocks of code that are to be typed, one after the other in one shell. */
export const readBlocks = (file: string): readonly Shown[] =>
  codesOf(file).flatMap(({ lang, text }) => {
    const lines = typedLines(lang, text)
    return lines.length === 0 ? [] : [{ place: `${file}: ${lines[0]}`, lines }]
  })

/** What is called in running text: `chap ...`. */
export const readMentions = (file: string): readonly string[] =>
  tokensOf(file).flatMap((token) =>
    token.type === 'codespan' && token['text'].startsWith('chap ') ? [token['text']] : [],
  )

/** Where a document leads to in this directory, as it is written. */
export const readLinks = (file: string): readonly string[] =>
  tokensOf(file).flatMap((token) => (token.type === 'link' && !/^\w+:/.test(token['href']) ? [token['href']] : []))

/** The names that GitHub gives to a document's headings. */
export const readAnchors = (file: string): readonly string[] =>
  tokensOf(file).flatMap((token) =>
    token.type === 'heading'
      ? [
          token['text']
            .toLowerCase()
            .replace(/[^\w\s-]/g, '')
            .replace(/\s/g, '-'),
        ]
      : [],
  )

const codesOf = (file: string): readonly Tokens.Code[] =>
  tokensOf(file).filter((token): token is Tokens.Code => token.type === 'code')

/** All of it, also what is in the cells of tables. */
const tokensOf = (file: string): readonly Token[] => {
  const found: Token[] = []
  // What it returns are the callbacks' results, for those that are asynchronous.
  void walkTokens(lexer(readFileSync(`${root}/${file}`, 'utf8')), (token) => {
    found.push(token)
  })
  return found
}

const typedLines = (lang: string | undefined, text: string): readonly string[] => {
  const lines = text.split('\n')
  switch (lang) {
    case 'sh':
      return lines
    case 'console':
      return lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
    case 'crontab':
      return lines.map((line) => line.replace(/^(\S+\s+){5}/, ''))
    case undefined:
      return lines.filter((line) => /^(chap|npm) /.test(line))
    default:
      return []
  }
}
