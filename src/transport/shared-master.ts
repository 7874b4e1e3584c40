/**
 * One connection for all jobs of one target: an ssh master that belongs to none of them. Whoever finds none starts it, and the others wait
 * for that one; it ends by itself when nobody has used it for a while.
 */
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { lock } from 'proper-lockfile'
import type { Fault } from '../domain/fault.ts'
import { onLines } from './lines.ts'
import { type SshTarget, sharedMasterArgv } from './ssh-argv.ts'
import { readSshWords } from './ssh-words.ts'
import { startConnecting } from './start-connecting.ts'
import { explainNoStart } from './start-ssh.ts'

/** Milliseconds between looks for the socket. */
const LOOK_MS = 20
/** Milliseconds between tries to become the one who starts it; half of it is drawn anew each time. */
const TURN_MS = 100

export type Joined =
  | { readonly kind: 'joined' }
  | { readonly kind: 'failed'; readonly fault: Fault }
  /** It was not there in time, or can't be looked for. */
  | { readonly kind: 'alone' }

/** The socket's name: the same for the same target. A connection's keepalive is that of all its jobs. */
export const sharedName = ({ destination, options, keepalive }: Omit<SshTarget, 'socket'>): string => {
  const { interval, count } = keepalive
  const target = JSON.stringify([destination, options, { interval, count }])
  return `share-${createHash('sha256').update(target).digest('hex').slice(0, 16)}`
}

/**
 * Finds the target's master, or starts it.
 * @param target its socket is the shared one
 * @param askAt where the askpass of a master that is started listens
 * @param deadline milliseconds
 */
export const joinMaster = async (
  target: SshTarget,
  askAt: string,
  deadline: number,
  onWords: (line: string) => void,
): Promise<Joined> => {
  const end = performance.now() + deadline
  try {
    while (performance.now() < end) {
      if (await answers(target.socket)) return { kind: 'joined' }
      const release = await takeTurn(target.socket)
      if (release !== undefined)
        try {
          // Another may have started it just before.
          if (await answers(target.socket)) return { kind: 'joined' }
          return await startMaster(target, askAt, end, onWords)
        } finally {
          await release()
        }
      await pause((TURN_MS / 2) * (1 + Math.random()))
    }
  } catch (error) {
    // No lock to be had (a runtime directory that a logout removed): a connection of its own needs none.
    onWords(`no shared connection: ${(error as Error).message}`)
  }
  return { kind: 'alone' }
}

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(socket)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })

/** undefined: it is somebody else's. What the lock can't be trusted for, ssh is: a second master finds the socket taken. */
const takeTurn = async (socket: string): Promise<(() => Promise<void>) | undefined> => {
  try {
    const release = await lock(socket, {
      realpath: false,
      lockfilePath: `${socket}.lock`,
      stale: 10_000,
      update: 2_000,
      onCompromised: () => undefined,
    })
    return () => release().catch(() => undefined) // it was taken over: then it is not ours to give back
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined
    throw error
  }
}

const startMaster = async (
  target: SshTarget,
  askAt: string,
  end: number,
  onWords: (line: string) => void,
): Promise<Joined> => {
  // Nobody answers there: what a killed one left would keep the next from listening.
  rmSync(target.socket, { force: true })
  const args = sharedMasterArgv(target)
  const { child, wrong, settled } = startConnecting(
    { ...target, socket: askAt },
    args,
    ['ignore', 'ignore', 'pipe'],
    'outlives',
  )
  const words: string[] = []
  if (child.stderr !== null)
    onLines(child.stderr, (line) => {
      onWords(line)
      words.push(line)
      // Another was faster, after all; this one would serve nobody, for ever.
      if (line.includes('disabling multiplexing')) child.kill()
    })
  let status: number | null | Error | undefined
  void child.exited.then((how) => {
    status = how
  })
  while (status === undefined && performance.now() < end) {
    if (await answers(target.socket)) {
      settled()
      return { kind: 'joined' }
    }
    await pause(LOOK_MS)
  }
  child.kill()
  const isLate = status === undefined
  const exited = await child.exited
  if (exited instanceof Error) return { kind: 'failed', fault: explainNoStart(exited) }
  return { kind: 'failed', fault: wrong() ?? readSshWords(words, isLate ? 'timeout' : 'lost') }
}
