/**
 * When a silence gives reason to ask whether the network still carries anything: it is twice as long as the one before, or as when was asked
 * last. So a job is asked about that falls silent, not one that writes every ten seconds, and one that stays silent ever more seldom.
 */

/** Milliseconds: no silence is asked about sooner. */
const ASK_MS = 1_000
/** Milliseconds: a longer one may have been a hole in the network, and not the job's way. */
const LONGEST_MS = 30_000
/** What a look at flowing output leaves of the last silence: after ten seconds of it, an eighth. */
const FADES = 0.99

/** @returns a function that is told at each look for how many milliseconds there was no new output, and says whether to ask now */
export const startDoubt = (): ((silence: number) => boolean) => {
  let last = 0
  let usual = 0
  // What never said anything is not missed.
  let askAt = Number.POSITIVE_INFINITY
  return (silence) => {
    if (silence === 0) {
      usual = last >= ASK_MS ? Math.min(LONGEST_MS, last) : usual * FADES
      askAt = Math.max(ASK_MS, 2 * usual)
    }
    last = silence
    if (silence < askAt) return false
    askAt = 2 * silence
    return true
  }
}
