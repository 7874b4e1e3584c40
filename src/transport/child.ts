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
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    exited: new Promise((resolve) => {
      process.once('exit', resolve)
      process.once('error', (error) => resolve(error))
    }),
    kill: () => process.kill('SIGKILL'),
  }
}
