/**
 * When a silence gives reason to ask whether the network still carries anything: it is twice as long as the one before, or as when was asked
 * last. So a job is asked about that falls silent, not one that writes every ten seconds, and one that stays silent ever more seldom.
 */

/** Milliseconds: no silence is asked about sooner. */
const ASK_MS = 1_000

/** @returns a function that is told at each look for how many milliseconds there was no new output, and says whether to ask now */
export const startDoubt = (): ((silence: number) => boolean) => {
  let last = 0
  // What never said anything is not missed.
  let askAt = Number.POSITIVE_INFINITY
  return (silence) => {
    if (silence === 0) askAt = Math.max(ASK_MS, 2 * last)
    last = silence
    if (silence < askAt) return false
    askAt = 2 * silence
    return true
  }
}
