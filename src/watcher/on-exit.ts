/** What became of the command of --on-exit. */

import type { OnExitRecord } from '../spool/event-schema.ts'
import type { JobPaths } from '../spool/layout.ts'
import { readOnExit } from '../spool/on-exit.ts'
import { readSpec } from '../spool/spec.ts'
import { type JobView, lookForOwner } from './job-view.ts'

export type OnExitView =
  /** The job has not ended. */
  | { readonly kind: 'waiting' }
  /** It is run now, or about to be. */
  | { readonly kind: 'running' }
  /** Nobody is there to run it, or to record that its end is not known. */
  | { readonly kind: 'left' }
  /** end: null when its record can't be read. */
  | { readonly kind: 'over'; readonly end: OnExitRecord | null }

/** A job of which nothing else is left may still tell of this. */
export const isOnExitOpen = (paths: JobPaths): boolean => {
  const spec = readSpec(paths.spec)
  const end = readOnExit(paths)
  return spec.ok && spec.value.onExit !== null && !end.ok && end.fault.code === 'missing'
}

/** null: the job has none, or can't be read. */
export const viewOnExit = ({ spec, state, paths }: Pick<JobView, 'spec' | 'state' | 'paths'>): OnExitView | null => {
  if (!spec.ok || spec.value.onExit === null) return null
  const end = readOnExit(paths)
  if (end.ok) return { kind: 'over', end: end.value }
  if (end.fault.code !== 'missing') return { kind: 'over', end: null }
  if (!state.ok || state.value.job.phase !== 'ended') return { kind: 'waiting' }
  return { kind: lookForOwner(paths).presence === 'dead' ? 'left' : 'running' }
}
