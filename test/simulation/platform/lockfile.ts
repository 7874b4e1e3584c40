// proper-lockfile as src/ uses it: one holder at a time; a lock whose holder died is stale after a while.
import { here } from '../stage.ts'

/** Milliseconds, as the options of src/spool/lock.ts say. */
const STALE_MS = 10_000
const RETRY_MS = 50
const RETRIES = 300

const held = new Map<string, number>()

export const releaseAll = (): void => held.clear()

export const lock = async (path: string, _options: object): Promise<() => Promise<void>> => {
  const machine = here()
  const process = machine.current()
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      machine.wake(process, RETRY_MS, resolve)
    })
  for (let i = 0; held.has(path); i += 1) {
    if (i === RETRIES) throw new Error('Lock file is already being held')
    await pause()
  }
  const number = machine.clock.now()
  held.set(path, number)
  const release = (): void => {
    if (held.get(path) === number) held.delete(path)
  }
  const stale = (): void => {
    machine.clock.after(STALE_MS, release)
  }
  process.atDeath.add(stale)
  return async () => {
    process.atDeath.delete(stale)
    release()
  }
}
