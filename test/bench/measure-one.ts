// Gives one work a world of its own, no more time than it may take, and leaves nothing of it.
import { setTimeout as pause } from 'node:timers/promises'
import { findProgram } from '../rig/programs.ts'
import { cleanUp, makeSpool } from '../rig/spool.ts'
import { startSshd } from '../rig/sshd.ts'
import { closeAccounts, openAccount } from './account.ts'
import { inMemory } from './in-memory.ts'
import type { Result } from './row.ts'
import type { Work } from './work.ts'

export interface Settings {
  readonly root: string
  readonly rounds: number
  readonly isQuick: boolean
  readonly interrupt: AbortSignal
  say(text: string): void
}

type Outcome = Result & { readonly failure: string | null }

export const measureOne = async (work: Work, settings: Settings): Promise<Outcome> => {
  const { root, rounds, isQuick, interrupt, say } = settings
  const limit = new AbortController()
  const seconds = work.limit * Math.max(1, rounds / 3)
  const timer = setTimeout(() => limit.abort(new Error(`not over after ${seconds} s`)), seconds * 1000)
  const signal = AbortSignal.any([interrupt, limit.signal])
  const there = openAccount()
  const [spool, sshd] = await inMemory(work.isInMemory === true, async () => [
    await makeSpool(),
    await startSshd({
      config: ['MaxStartups 300', 'MaxSessions 300'],
      ...(there === undefined ? {} : { prefix: there.enter([]) }),
    }),
  ])
  let measuring: Promise<Result> | undefined
  try {
    measuring = work.measure({
      root,
      chap: [process.execPath, `${root}/bin/chap.js`],
      rounds,
      sshd,
      spool,
      there,
      signal,
      size: (full, quick) => (isQuick ? quick : full),
      has: (program) => findProgram(program) !== undefined,
      say: (text) => say(`  ${work.name}: ${text}`),
    })
    return { ...(await Promise.race([measuring, whenAborted(signal)])), failure: null }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    say(`${work.name} FAILED: ${failure}`)
    return { rows: [], failure }
  } finally {
    clearTimeout(timer)
    limit.abort(new Error('the work is over'))
    // A work that was given up puts away what is its own, and takes no time of the next one's.
    await Promise.race([measuring?.catch(() => undefined), pause(PUT_AWAY_MS, undefined, { ref: false })])
    await cleanUp(spool)
    await sshd.stop()
    await closeAccounts()
  }
}

/** Milliseconds that a work gets for that. */
const PUT_AWAY_MS = 90_000

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
