/** Where the bytes of one run of a series lie. */
import type { Sizes } from '../domain/report.ts'
import type { JobPaths } from '../spool/layout.ts'
import { parseRuns } from '../spool/runs.ts'
import { readForward } from './read-forward.ts'

/** to: null while it runs, or where nobody knows its end and no later run begins. undefined: it never began. */
export const findRun = (
  { runs }: JobPaths,
  run: number,
): { readonly from: Sizes; readonly to: Sizes | null } | undefined => {
  const notes = readForward(runs, parseRuns)
  let from: Sizes | undefined
  for (let note = notes.peek(); note !== undefined; note = notes.peek()) {
    notes.skip()
    if (note.kind === 'begun' && note.run === run) from = note.at
    else if (from !== undefined && (note.kind === 'begun' || (note.kind === 'ended' && note.run === run)))
      return { from, to: note.at }
  }
  return from && { from, to: null }
}
