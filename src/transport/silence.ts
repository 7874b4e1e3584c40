/** Hears when the other end has stopped answering, where no ssh does that for us. */
import type { Spec } from '../domain/spec.ts'

/**
 * Asks every `interval` seconds; after `count` questions in a row without an answer it says so, once.
 * @returns how to end it
 */
export const watchSilence = (
  ask: () => Promise<unknown>,
  { interval, count }: Spec['keepalive'],
  onSilent: (evidence: string) => void,
): (() => void) => {
  let unanswered = 0
  const timer = setInterval(() => {
    if (unanswered >= count) {
      clearInterval(timer)
      return onSilent(`no answer for ${interval * count} s`)
    }
    unanswered += 1
    void ask().then(() => {
      unanswered = 0
    })
  }, interval * 1000)
  return () => clearInterval(timer)
}
