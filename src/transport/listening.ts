/** Hears sooner than any keepalive that a network takes nothing any more; and never from a machine that is merely slow to answer. */
import type { Control } from './control.ts'

/** The last of so many came 1.4 s after the first try on a quick way, later where answers take longer. */
const MOST_RESENDS = 3

/**
 * @param resends how often in a row the network did not take what was sent; undefined: it took all
 * @returns as a link's `listen`
 */
export const startListening = (
  control: Pick<Control, 'ask' | 'awaited'>,
  resends: () => number | undefined,
  onSilent: (evidence: string) => void,
): ((asks: boolean) => boolean) => {
  let taken: number | null = null
  let isLate = false
  return (asks) => {
    if (asks) {
      void control.ask('beat')
      isLate = false
      // It was sent a moment ago: the next look can tell.
      return true
    }
    const awaited = control.awaited()
    if (awaited === null || awaited === taken) return false
    const times = resends()
    if (times === undefined) {
      // Whatever becomes of the answer, the network has taken the question.
      taken = awaited
      return false
    }
    // What was sent again last may be on its way: the second look sees whether it was heard.
    if (times >= MOST_RESENDS && isLate) onSilent(`the network takes nothing: it was sent again ${times} times`)
    isLate = times >= MOST_RESENDS
    return true
  }
}
