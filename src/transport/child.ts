/** The processes of a link: what chap needs to know of each, and nothing else. */
import type { Readable, Writable } from 'node:stream'

export interface Child {
  readonly pid: number | undefined
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Its exit status, or null when a signal ended it; an Error when it could not be started. Never rejects. */
  readonly exited: Promise<number | null | Error>
  /** SIGKILL. false: it belongs to somebody else, as sudo does to root, and goes on. */
  readonly kill: () => boolean
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
}

/** Of what node:child_process starts. */
export const childOf = (started: Emitter): Child => {
  const { pid } = started
  let isOver = pid === undefined
  // A dead reader is told by the exit; an EPIPE more says nothing.
  started.stdin?.on('error', () => undefined)
  return {
    pid,
    // Without a descriptor left there are no streams, whatever the types say.
    stdin: started.stdin ?? null,
    stdout: started.stdout ?? null,
    stderr: started.stderr ?? null,
    exited: new Promise((resolve) => {
      started.once('exit', (code) => {
        isOver = true
        resolve(code)
      })
      started.once('error', (error) => resolve(error))
    }),
    // Not node's own kill(): it makes an `error` of the process out of what the system does not allow.
    kill: () => isOver || pid === undefined || mayKill(pid),
  }
}

const mayKill = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EPERM' && code !== 'ESRCH') throw error
    return code === 'ESRCH'
  }
}

/** A process that did not come to be: what a child is of which only the error is known. */
export const neverStarted = (error: Promise<Error>): Child => ({
  pid: undefined,
  stdin: null,
  stdout: null,
  stderr: null,
  exited: error,
  kill: () => true,
})

/** What the system has none of just now (processes, descriptors, memory) it may have later: that is no fault of the program. */
const SCARCE = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])

export const isScarcity = (error: Error): boolean => SCARCE.has((error as NodeJS.ErrnoException).code ?? '')
