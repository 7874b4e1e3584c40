/** The rounds: a chaperone holds no inotify instance (128 per user are few), so it looks at the output and the requests by itself. */
import type { Attendance } from './attendance.ts'
import { startDoubt } from './doubt.ts'
import type { World } from './world.ts'

/** Milliseconds between looks while output flows, and at the most when it does not. */
const FLOWING_MS = 50
const QUIET_MS = 4_000
/** The same where somebody waits for what a look does: for lines in a central log, for gaps, for room on a full disk. */
const AWAITED_MS = 2_000
/** And while an answer is awaited. */
const LISTENING_MS = 500
/** Milliseconds without a new byte, after which the pause grows. */
const PATIENCE_MS = 500
/** Requests are announced by the doorbell; this is for those whose bell nobody rang. */
const REQUESTS_MS = 5_000

export const startRounds = (world: World, attendance: Attendance): void => {
  const { logFile, limits } = world.spec
  const longest = logFile === null && limits.maxOutput === null ? QUIET_MS : AWAITED_MS
  const isDoubtful = startDoubt()
  let silence = 0
  let sinceRequests = 0
  let pause = FLOWING_MS
  const look = (): void => {
    const isFull = attendance.lookAtDisk()
    silence = world.mark() ? 0 : silence + pause
    sinceRequests += pause
    if (sinceRequests + pause > REQUESTS_MS) {
      sinceRequests = 0
      attendance.lookAgain('by itself')
    }
    const isListening = attendance.listen(isDoubtful(silence))
    const most = isListening ? LISTENING_MS : isFull ? AWAITED_MS : longest
    pause = silence < PATIENCE_MS ? FLOWING_MS : Math.min(most, pause * 1.5)
    world.after(pause === QUIET_MS ? untilAllLook(world.now()) : pause, look)
  }
  look()
}

/**
 * Milliseconds until the quiet chaperones look, all at once: one that wakes up behind another finds the processor's caches warm, and needs half
 * as long. By the clock, which they share; where it jumps, one pause is shorter, or half as long again.
 */
export const untilAllLook = (now: number): number => {
  const left = QUIET_MS - (now % QUIET_MS)
  // A timer may be a little early: the moment that it was for is not waited for again.
  return left < QUIET_MS / 2 ? left + QUIET_MS : left
}
