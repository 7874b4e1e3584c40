/** Why a job takes no input. */

import { findNewer, type JobView, problemOfTrouble, type SentAll } from '../index.ts'
import type { Problem } from './problem.ts'

/** undefined: it was started so that it may. */
export const findClosed = (view: JobView): Problem | undefined => {
  const newer = findNewer(view)
  if (newer !== undefined) return { code: 'unreadable', id: view.id, fault: newer }
  return view.spec.ok && !view.spec.value.stdinOpen ? { code: 'stdin_not_open', id: view.id } : undefined
}

/** @param undelivered bytes that were accepted, and are not where the job ran */
export const problemOfSent = (id: string, { bytes, last }: SentAll, undelivered: number): Problem | undefined => {
  switch (last.kind) {
    case 'accepted':
      return undefined
    case 'ended':
      return { code: 'input_ended', id, bytes, undelivered }
    case 'closed':
      return { code: 'input_closed', id, bytes }
    case 'invalid':
      return { code: 'not_understood', id }
    default:
      return problemOfTrouble(id, last)
  }
}
