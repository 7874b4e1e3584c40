/** What a command touches of the world outside the spool: streams, environment, clock, interrupts. The one place that knows `process`. */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { type AskSecret, type Surroundings, surroundingsOf } from '../index.ts'
import { type ConfigFile, findConfig } from './config/file.ts'

export interface Output {
  readonly isTerminal: boolean
  /** Of the terminal. */
  readonly columns: number
  /** Resolves when more can be taken; false: nobody reads any more. */
  readonly write: (chunk: string | Uint8Array) => Promise<boolean>
}

export interface Context extends Surroundings {
  /** null: none is wanted. */
  readonly config: ConfigFile | null
  readonly stdout: Output
  readonly stderr: Output
  /** All of the file, or of stdin (`-`). */
  readonly readInput: (path: string) => Buffer
  /** What comes on stdin, as it comes; a line at a time from a terminal. */
  readonly input: () => AsyncIterable<Uint8Array>
  /** How to ask a person for something that is not to be seen; undefined: there is no terminal. */
  readonly askSecret: (question: string) => AskSecret | undefined
  /** Calls back at each of these signals, which then do nothing else; returns how to stop. */
  readonly onSignal: (signals: readonly NodeJS.Signals[], callback: (signal: NodeJS.Signals) => void) => () => void
}

export const realContext = (): Context => {
  return {
    ...surroundingsOf(),
    config: findConfig(process.env, homedir()),
    stdout: outputOf(() => process.stdout),
    stderr: outputOf(() => process.stderr),
    readInput: (path) => readFileSync(path === '-' ? 0 : path),
    input: () => process.stdin,
    askSecret: (question) =>
      hasTerminal() ? async () => (await import('./ask-at-terminal.ts')).askAtTerminal(TERMINAL, question) : undefined,
    onSignal: (signals, callback) => {
      for (const signal of signals) process.on(signal, callback)
      return () => {
        for (const signal of signals) process.off(signal, callback)
      }
    },
  }
}

const TERMINAL = '/dev/tty'

const hasTerminal = (): boolean => {
  try {
    closeSync(openSync(TERMINAL, 'r+'))
    return true
  } catch {
    return false // ENXIO, or ENOENT where /dev is bare
  }
}

/** Node makes its stream objects at the first use, which takes time. */
const outputOf = (open: () => NodeJS.WriteStream): Output => {
  let opened: NodeJS.WriteStream | undefined
  const stream = (): NodeJS.WriteStream => {
    // Each write hears of its own error; without a listener it would be thrown as well.
    opened ??= open().on('error', () => undefined)
    return opened
  }
  return {
    get isTerminal() {
      return stream().isTTY === true
    },
    get columns() {
      // A serial line says that it has none.
      return stream().columns || 80
    },
    write: (chunk) =>
      new Promise((done) => {
        stream().write(chunk, (error) => done(!(error instanceof Error)))
      }),
  }
}
