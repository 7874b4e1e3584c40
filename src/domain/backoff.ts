/** When to try a link again. */

const FLOOR_MS = 1_000
const CEILING_MS = 15_000

/**
 * Milliseconds to wait before try number `attempt` (1: the first after a failure). Full jitter, since many jobs
 * lose the same host at the same moment and sshd drops what comes all at once (MaxStartups).
 * @param random in [0, 1)
 */
export const backoff = (attempt: number, random: number): number => {
  const span = Math.min(CEILING_MS, FLOOR_MS * 2 ** Math.min(attempt - 1, 10))
  return Math.round(random * span)
}
