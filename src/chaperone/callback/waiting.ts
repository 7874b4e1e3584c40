/** Pauses that a bell ends early, and a pause between tries that it does not. */

/** Milliseconds after which a pause ends by itself, so that a removed job or a new owner is noticed. */
const LONGEST_MS = 5_000

export const startWaiting = () => {
  let ring = (): void => undefined
  let resumeAt = 0
  const leaving = new AbortController()

  const pause = (ms: number): Promise<void> =>
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
    resumeAfter: (seconds: number) => {
      resumeAt = performance.now() + seconds * 1000
    },
    resumeNow: () => {
      resumeAt = 0
    },
    /** Waits for the next try, or for a bell. @returns whether it did */
    isPausing: async (): Promise<boolean> => {
      const left = resumeAt - performance.now()
      if (left <= 0) return false
      await pause(left)
      return true
    },
  }
}
