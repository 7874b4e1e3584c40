/** Hears sooner than any keepalive that a network takes nothing any more; and never from a machine that is merely slow to answer. */
import type { Control } from './control.ts'

/** The fourth time that nothing came of it: 1.4 s after the first on a quick way, later where answers take longer. */
const MOST_RESENDS = 3

/**
 * @param resends how often in a row the network did not take what was sent
 * @returns as a link's `listen`
 */
export const startListening =
  (control: Pick<Control, 'ask' | 'isAwaiting'>, resends: () => number, onSilent: (evidence: string) => void) =>
  (asks: boolean): boolean => {
    if (asks && !control.isAwaiting()) void control.ask('beat')
    if (!control.isAwaiting()) return false
    const times = resends()
    if (times >= MOST_RESENDS) onSilent(`the network takes nothing: it was sent again ${times} times`)
    return true
  }
