/** Pauses that a bell ends early, and a pause between tries that it does not. */

/** Milliseconds after which a pause ends by itself, so that a removed job or a new owner is noticed. */
const LONGEST_MS = 5_000

export interface Waiting {
  readonly pause: (ms: number) => Promise<void>
  /** Ends the pause, unless it is one between two tries. */
  readonly wake: () => void
  readonly left: AbortSignal
  readonly isLeft: () => boolean
  readonly leave: () => void
  readonly resumeAfter: (seconds: number) => void
  readonly resumeNow: () => void
  /** Waits for the next try, or for a bell. @returns whether it did */
  readonly isPausing: () => Promise<boolean>
}

export const startWaiting = (): Waiting => {
  let ring = (): void => undefined
  let resumeAt = 0
  const leaving = new AbortController()

  const pause: Waiting['pause'] = (ms) =>
    new Promise((resolve) => {
      if (leaving.signal.aborted) return resolve()
      const timer = setTimeout(resolve, Math.min(ms, LONGEST_MS))
      ring = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const wake = (): void => ring()
  return {
    pause,
    wake,
    left: leaving.signal,
    isLeft: () => leaving.signal.aborted,
    leave: () => {
      leaving.abort()
      wake()
    },
    resumeAfter: (seconds) => {
      resumeAt = performance.now() + seconds * 1000
    },
    resumeNow: () => {
      resumeAt = 0
    },
    isPausing: async () => {
      const left = resumeAt - performance.now()
      if (left <= 0) return false
      await pause(left)
      return true
    },
  }
}
