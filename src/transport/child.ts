/** The processes of a link: what chap needs to know of each, and nothing else. */
import type { Readable, Writable } from 'node:stream'

export interface Child {
  readonly pid: number | undefined
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Its exit status, or null when a signal ended it; an Error when it could not be started. Never rejects. */
  readonly exited: Promise<number | null | Error>
  readonly kill: () => void
}

/** A file descriptor, or what node makes of the word. */
export type Stdio = readonly [number | 'pipe' | 'ignore', number | 'pipe' | 'ignore', number | 'pipe' | 'ignore']

interface Emitter {
  readonly pid?: number | undefined
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  once(event: 'exit', listener: (code: number | null) => void): unknown
  once(event: 'error', listener: (error: Error) => void): unknown
  kill(signal: 'SIGKILL'): boolean
}

/** What execa and node:child_process start are alike in this. */
export const childOf = (process: Emitter): Child => {
  // A dead reader is told by the exit; an EPIPE more says nothing.
  process.stdin?.on('error', () => undefined)
  return {
    pid: process.pid,
    // Without a descriptor left there are no streams, whatever the types say.
    stdin: process.stdin ?? null,
    stdout: process.stdout ?? null,
    stderr: process.stderr ?? null,
    exited: new Promise((resolve) => {
      process.once('exit', resolve)
      process.once('error', (error) => resolve(error))
    }),
    kill: () => process.kill('SIGKILL'),
  }
}

/** A process that did not come to be: what a child is of which only the error is known. */
export const neverStarted = (error: Promise<Error>): Child => ({
  pid: undefined,
  stdin: null,
  stdout: null,
  stderr: null,
  exited: error,
  kill: () => undefined,
})

/** What the system has none of just now (processes, descriptors, memory) it may have later: that is no fault of the program. */
const SCARCE = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])

export const isScarcity = (error: Error): boolean => SCARCE.has((error as NodeJS.ErrnoException).code ?? '')
