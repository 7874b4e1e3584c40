/** How a job is, in one word, with a glyph and a colour: never by the colour alone. */
import { endedBy, type Job, type JobView, outcomeOf, type RunsSummary } from '../../index.ts'
import { stateOf, wordOfLimit } from '../job-row.ts'

/** Each in the words of `ls`, but `succeeded`, `failed` and `signaled`, which it shows as `ended` and the exit. */
export const STATE_KINDS = [
  'queued',
  'launching',
  'pending',
  'running',
  'waiting',
  'stopping',
  'reconnecting',
  'succeeded',
  'failed',
  'signaled',
  'timed out',
  'over limit',
  'refused',
  'unknown',
  'orphaned',
  'unreadable',
] as const

export type StateKind = (typeof STATE_KINDS)[number]

/** @param runs the newest of a series */
export const kindOfJob = ({ spec, state, verdict }: JobView, now: number, runs: RunsSummary | null): StateKind => {
  const isNewer = !state.ok && state.fault.code === 'newer'
  if ((verdict === 'orphaned' && !isNewer) || verdict === 'queued') return verdict
  if (!state.ok) return 'unreadable'
  const { job } = state.value
  switch (job.phase) {
    case 'ended':
      return kindOfEnd(job)
    case 'launching':
      return job.link.fault === null ? 'launching' : 'pending'
    case 'reconnecting':
      return 'reconnecting'
    case 'running':
      if (job.intent.kind === 'stop') return 'stopping'
      return stateOf(job, now, spec.ok ? spec.value.series : null, runs).startsWith('waiting') ? 'waiting' : 'running'
  }
}

const kindOfEnd = (job: Job): StateKind => {
  const limit = wordOfLimit(endedBy(job))
  if (limit !== null) return limit
  const outcome = outcomeOf(job)
  if (outcome?.kind === 'exited') return outcome.code === 0 ? 'succeeded' : 'failed'
  return outcome?.kind ?? 'unknown'
}

export interface Look {
  readonly glyph: string
  /** Where the terminal can't show the other. */
  readonly plain: string
  /** Of the 256: told apart with any eyes (Okabe and Ito), and with a contrast above 3 on white and on black. null: the terminal's own. */
  readonly color: number | null
}

const GREEN = 29
const BLUE = 32
const RED = 166
const YELLOW = 136
const PURPLE = 133

export const LOOKS: Readonly<Record<StateKind, Look>> = {
  queued: { glyph: '○', plain: 'o', color: null },
  launching: { glyph: '◌', plain: 'o', color: BLUE },
  pending: { glyph: '◌', plain: '~', color: YELLOW },
  running: { glyph: '●', plain: '*', color: BLUE },
  waiting: { glyph: '○', plain: 'o', color: BLUE },
  stopping: { glyph: '◐', plain: '-', color: YELLOW },
  reconnecting: { glyph: '↻', plain: '~', color: YELLOW },
  succeeded: { glyph: '✓', plain: '+', color: GREEN },
  failed: { glyph: '✗', plain: 'x', color: RED },
  signaled: { glyph: '✗', plain: 'x', color: RED },
  'timed out': { glyph: '✗', plain: 'x', color: RED },
  'over limit': { glyph: '✗', plain: 'x', color: RED },
  refused: { glyph: '⊘', plain: 'x', color: RED },
  unknown: { glyph: '?', plain: '?', color: PURPLE },
  orphaned: { glyph: '!', plain: '!', color: PURPLE },
  unreadable: { glyph: '!', plain: '!', color: PURPLE },
}

/** Does the locale, where there is one, say that the terminal reads UTF-8? */
export const hasGlyphs = (env: Readonly<Record<string, string | undefined>>): boolean => {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '')
  return env['TERM'] !== 'linux' && (locale === undefined || /utf-?8/i.test(locale))
}
