/** The control session: requests to the launcher and its answers, over one sh that may be anywhere. */
import type { Report } from '../domain/report.ts'
import type { Child } from './child.ts'
import { onLines } from './lines.ts'
import { formatHello, type Hello, type Line, type Output, parseLine, parseOutput, parseReport } from './protocol.ts'
import { fromOctal } from './quote.ts'

/** How the launcher greets. */
export interface Greeting {
  /** The job's directory there. */
  readonly dir: string
  readonly report: Report
}

export interface Control {
  /** Resolves with the greeting, or with the line by which the launcher declined. Pends when nothing is said. */
  readonly greeted: Promise<Greeting | { readonly declined: Line }>
  /** Sends a request; pends for ever when the link dies. */
  readonly ask: (verb: string, payload?: string | Uint8Array) => Promise<Line>
  /** The number of the newest request, while one was not answered; null: all were. */
  readonly awaited: () => number | null
  readonly report: (line: Line) => Report
  /** The whole output, once the launcher has said the end and with it that. */
  readonly output: () => Output | undefined
  /** Lines on stdout that are not the launcher's: what the account's shell said. */
  readonly noise: readonly string[]
  /** Does the account's shell print something on its own? It will in every session, also in those whose stdout is the spool. */
  readonly isNoisy: () => boolean
}

const NOISE_KEPT = 20

/** @param child an sh that takes the launcher, from its stdin or otherwise, and then calls chap_control */
export const startControl = (child: Child, hello: Hello, onReport: (report: Report) => void): Control => {
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new TypeError('a control session needs pipes')
  const waiting = new Map<number, (line: Line) => void>()
  const noise: string[] = []
  let isNoisy = false
  let blanks = 0
  let output: Output | undefined
  const read = (verb: string, words: readonly string[], isFresh: boolean): Report => {
    output ??= parseOutput(verb, words)
    return parseReport(verb, words, hello.nonce, isFresh)
  }
  const report = ({ verb, words }: Line): Report => read(verb, words, false)
  let count = 0

  const greet = ({ words: [fresh, dir, verb, ...rest] }: Line): Greeting => ({
    dir: readPlace(dir ?? ''),
    report: read(verb ?? '', rest, fresh === '1'),
  })

  const hearNoise = (text: string): void => {
    // One empty line is the launcher's: it ends what rc files may have left open.
    if (text === '') blanks += 1
    isNoisy ||= text !== '' || blanks > 1
    if (text.trim() !== '' && noise.length < NOISE_KEPT) noise.push(text)
  }

  const greeted = new Promise<Greeting | { declined: Line }>((resolve) => {
    onLines(stdout, (text) => {
      const line = parseLine(text, hello.nonce)
      if (line === undefined) hearNoise(text)
      else if (line.number > 0) {
        waiting.get(line.number)?.(line)
        waiting.delete(line.number)
      } else if (line.verb === 'hello') resolve(greet(line))
      else if (line.verb === 'refused' || line.verb === 'superseded') resolve({ declined: line })
      else onReport(report(line))
    })
  })

  stdin.write(formatHello(hello))

  return {
    greeted,
    ask: (verb, payload) =>
      new Promise((resolve) => {
        count += 1
        waiting.set(count, resolve)
        stdin.write(`${count} ${verb}\n`)
        if (payload !== undefined) stdin.write(payload)
      }),
    awaited: () => (waiting.size > 0 ? count : null),
    report,
    output: () => output,
    noise,
    isNoisy: () => isNoisy,
  }
}

/** A path as it is, or in octal behind a 0 when a word can't hold it. */
const readPlace = (word: string): string => (word.startsWith('0') ? fromOctal(word.slice(1)) : word)
