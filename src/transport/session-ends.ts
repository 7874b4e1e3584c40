/** What the sessions of every transport have in common: the files at their ends, and the words on their stderr. */
import { constants, openSync } from 'node:fs'
import type { Child } from './child.ts'
import { onLines } from './lines.ts'
import type { SessionEnds } from './transport.ts'

/** Lines that are kept for an explanation. */
const WORDS_KEPT = 50

export const openEnds = ({ stdin, stdout }: SessionEnds): [number | 'ignore', number | 'ignore'] => [
  stdin === null ? 'ignore' : openSync(stdin, 'r'),
  // No O_CREAT: a file that was deleted under us must not come back half.
  stdout === null ? 'ignore' : openSync(stdout, constants.O_WRONLY | constants.O_APPEND),
]

/** Keeps the last lines of a child's stderr in `words`. */
export const hearWords = ({ stderr }: Child, words: string[], onWords: (line: string) => void): void => {
  if (stderr === null) return
  onLines(stderr, (line) => {
    onWords(line)
    if (words.push(line) > WORDS_KEPT) words.shift()
  })
}
