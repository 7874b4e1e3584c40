/**
 * A short critical section (recover, rm, prune), across processes. It keeps two from doing the same work; that they would do no harm
 * is not its business: a claim (chaperones.ts) can be made only once, whatever a lock's age says.
 */
import { type LockOptions, lock } from 'proper-lockfile'
import { isNoRoom } from './spare.ts'

const OPTIONS: LockOptions = {
  realpath: false,
  stale: 10_000,
  update: 2_000,
  retries: { retries: 100, factor: 1.2, minTimeout: 20, maxTimeout: 250, randomize: true },
}

/** Runs `work` while holding `<dir>/lock`. `signal` is aborted if the lock was lost under it (the machine slept, the disk was full). */
export const withLock = async <T>(dir: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const lost = new AbortController()
  const release = await lock(dir, {
    ...OPTIONS,
    lockfilePath: `${dir}/lock`,
    onCompromised: (error) => lost.abort(error),
  }).catch((error: unknown) => {
    // A directory takes a block, and there is none. Then two may do the same work.
    if (isNoRoom(error)) return async () => undefined
    throw error
  })
  try {
    return await work(lost.signal)
  } finally {
    if (!lost.signal.aborted) await release()
  }
}
