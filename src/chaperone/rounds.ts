/** The rounds: a chaperone holds no inotify instance (128 per user are few), so it looks at the output and the requests by itself. */
import type { Attendance } from './attendance.ts'
import type { World } from './world.ts'

/** Milliseconds between looks while output flows, and at the most when it does not. */
const FLOWING_MS = 50
const QUIET_MS = 2_000
/** Looks without a new byte, after which the pause grows. */
const PATIENCE = 10
/** Requests are announced by the doorbell; this is for those whose bell nobody rang. */
const REQUESTS_MS = 5_000

export const startRounds = (world: World, attendance: Attendance): void => {
  let quiet = 0
  let sinceRequests = 0
  let pause = FLOWING_MS
  const look = (): void => {
    attendance.lookAtDisk()
    quiet = world.mark() ? 0 : quiet + 1
    sinceRequests += pause
    if (sinceRequests >= REQUESTS_MS) {
      sinceRequests = 0
      attendance.lookAgain('by itself')
    }
    pause = quiet < PATIENCE ? FLOWING_MS : Math.min(QUIET_MS, pause * 1.5)
    world.after(pause, look)
  }
  look()
}
