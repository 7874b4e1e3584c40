/** A session with the probe script in an sh somewhere: what it said, and how long an answer takes. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, childOf, onLines, takeLauncher } from '../../index.ts'
import { probeScript } from './probe-script.ts'

/** What the script said, by the first word of each line. */
export type Facts = ReadonlyMap<string, string>

export interface Probe {
  /** What it says for itself on stderr: ssh's words. */
  readonly words: readonly string[]
  /** Lines on stdout before the script's: what the account's shell said. */
  readonly noise: readonly string[]
  readonly exited: Child['exited']
  /** Resolves when a line of stderr matches. */
  readonly said: (pattern: RegExp) => Promise<void>
  readonly facts: Promise<Facts>
  /** What it has said so far. */
  readonly heard: Facts
  /** Asks for the time there: seconds since the epoch. */
  readonly ask: () => Promise<number>
  /** Ends it and sees it dead. */
  readonly close: () => Promise<void>
}

/** Milliseconds in which a session whose stdin ended goes by itself. */
const PATIENCE_MS = 2_000
/** Milliseconds after its end in which what a process said is read; a child of it may hold the pipe. */
const LAST_WORDS_MS = 500

export const probeText = (
  root: string | null,
): { readonly mark: string; readonly text: string; readonly script: string } => {
  const mark = `chap-doctor-${randomBytes(6).toString('hex')}`
  const text = probeScript(mark, root)
  return { mark, text, script: takeLauncher(Buffer.byteLength(text)) }
}

export const startProbe = (
  argv: readonly string[],
  { mark, text }: { readonly mark: string; readonly text: string },
): Probe => {
  const [program = '', ...args] = argv
  const child = childOf(spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] }))
  const words: string[] = []
  const noise: string[] = []
  const facts = new Map<string, string>()
  const listeners = new Map<string, (words: string) => void>()
  const waiters: { readonly pattern: RegExp; readonly resolve: () => void }[] = []
  let count = 0
  const hear = (key: string, said: string): void => {
    facts.set(key, said)
    listeners.get(key)?.(said)
  }
  const heard = (key: string): Promise<string> => new Promise((resolve) => listeners.set(key, resolve))
  const done = heard('done')
  if (child.stdout !== null)
    onLines(child.stdout, (line) => {
      const [first, key = '', ...rest] = line.split(' ')
      if (first === mark) hear(key, rest.join(' '))
      else if (line.trim() !== '') noise.push(line)
    })
  if (child.stderr !== null)
    onLines(child.stderr, (line) => {
      words.push(line)
      for (const { pattern, resolve } of waiters) if (pattern.test(line)) resolve()
    })
  const ended = Promise.all(
    [child.stdout, child.stderr].map((stream) => (stream === null ? null : once(stream, 'close'))),
  )
  child.stdin?.write(text)
  return {
    words,
    noise,
    exited: child.exited.then(async (status) => {
      await Promise.race([ended, pause(LAST_WORDS_MS)])
      return status
    }),
    said: (pattern) => new Promise((resolve) => waiters.push({ pattern, resolve })),
    facts: done.then(() => facts),
    heard: facts,
    ask: async () => {
      count += 1
      const answer = heard(`answer${count}`)
      child.stdin?.write(`answer${count}\n`)
      return Number(await answer)
    },
    close: async () => {
      child.stdin?.end()
      const timer = setTimeout(() => child.kill(), PATIENCE_MS)
      await child.exited
      clearTimeout(timer)
    },
  }
}
