/** Many jobs in one line: `37 ok, 2 failed (exit 1: web[03,17]), 1 refused (host key: db1)`. */
import {
  type BegunInGroup,
  endedBy,
  exitStatusOfJob,
  foldNodes,
  type GroupPlace,
  type Job,
  outcomeOf,
  type Read,
  type Spec,
} from '../index.ts'
import type { Context } from './context.ts'
import { wordOfLimit } from './job-row.ts'
import { safeText } from './safe-text.ts'
import { say } from './say.ts'

/** What is said of one job. */
interface Part {
  readonly what: string
  /** null: no more is to be said, and its name doesn't matter. */
  readonly why: string | null
}

interface Named {
  readonly id: string
  readonly host: string | null
}

/** A job among others. */
export interface Member extends Named {
  readonly group: GroupPlace | null
}

const ORDER = ['ok', 'began', 'failed', 'refused', 'unknown', 'pending', 'not started', 'unreadable', 'still going']

/** How jobs ended; job null: it can't be read. */
export const summarize = (members: readonly (Named & { readonly job: Job | null })[]): string =>
  joinParts(members.map((member) => ({ ...member, ...partOfJob(member.job) })))

/** How they began. */
export const summarizeBegun = (members: readonly (Named & { readonly begun: BegunInGroup })[]): string =>
  joinParts(members.map((member) => ({ ...member, ...partOfBegun(member.begun) })))

export const memberOf = <View extends { readonly id: string; readonly spec: Read<Spec> }>(view: View) => {
  const { host, group } = view.spec.ok ? view.spec.value : { host: null, group: null }
  return { ...view, host, group }
}

/** Says how several jobs ended; of one group's, what to do about those that failed. */
export const sayEnds = (context: Context, ends: readonly (Member & { readonly job: Job | null })[]): Promise<void> => {
  const groups = new Set(ends.map((end) => end.group?.id))
  const [group] = groups
  if (groups.size > 1 || group === undefined) return say(context, summarize(ends))
  const hasFailed = ends.some(({ job }) => job !== null && (exitStatusOfJob(job) ?? 0) !== 0)
  return say(context, `${group}: ${summarize(ends)}`, hasFailed ? `chap start --retry-failed ${group}` : null)
}

const partOfJob = (job: Job | null): Part => {
  if (job === null) return { what: 'unreadable', why: '' }
  const [outcome, by] = [outcomeOf(job), endedBy(job)]
  if (outcome === null) return { what: 'still going', why: null }
  if (outcome.kind === 'refused' || outcome.kind === 'unknown')
    return { what: outcome.kind, why: outcome.reason.replaceAll('_', ' ') }
  if (exitStatusOfJob(job) === 0) return { what: 'ok', why: null }
  const limit = wordOfLimit(by)
  if (limit !== null) return { what: 'failed', why: limit }
  return { what: 'failed', why: outcome.kind === 'exited' ? `exit ${outcome.code}` : outcome.signal }
}

const partOfBegun = (begun: BegunInGroup): Part => {
  switch (begun.kind) {
    case 'queued':
      return { what: 'waiting', why: null }
    case 'failed':
      return { what: 'not started', why: 'no chaperone' }
    case 'pending':
      return { what: 'pending', why: begun.fault === null ? null : begun.fault.code.replaceAll('_', ' ') }
    case 'certain': {
      const outcome = outcomeOf(begun.state.job)
      const isBegun = outcome?.kind !== 'refused' && outcome?.kind !== 'unknown'
      return isBegun ? { what: 'began', why: null } : partOfJob(begun.state.job)
    }
  }
}

const joinParts = (parts: readonly (Named & Part)[]): string => {
  const kinds = new Map<string, Map<string | null, string[]>>()
  for (const { what, why, id, host } of parts) {
    const ways = kinds.get(what) ?? new Map<string | null, string[]>()
    kinds.set(what, ways.set(why, [...(ways.get(why) ?? []), host ?? id]))
  }
  return [...kinds]
    .toSorted(([a], [b]) => rankOf(a) - rankOf(b))
    .map(([what, ways]) => {
      const count = [...ways.values()].reduce((sum, names) => sum + names.length, 0)
      const said = [...ways].filter(([why]) => why !== null)
      const details = said.map(([why, names]) => `${why === '' ? '' : `${why}: `}${safeText(foldNodes(names))}`)
      return `${count} ${what}${details.length === 0 ? '' : ` (${details.join('; ')})`}`
    })
    .join(', ')
}

const rankOf = (what: string): number => (ORDER.includes(what) ? ORDER.indexOf(what) : ORDER.length)
