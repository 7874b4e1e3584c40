/** A group as a person reads it: what was asked of all, how they did, and a line for each. */
import { exitStatusOfJob, type GroupPlace, type JobView } from '../../index.ts'
import { memberOf, summarize } from '../group-summary.ts'
import { commandOf } from '../job-row.ts'
import { type FieldName, glanceAt } from '../ls/fields.ts'
import { paintTable } from '../ls/paint-table.ts'
import { safeText } from '../safe-text.ts'
import { type Card, type Line, lineOfTime } from './line.ts'
import type { Showing } from './show-card.ts'

/** The group whose jobs these are, and whose name was asked for; undefined: they are jobs of their own. */
export const groupOf = (views: readonly JobView[], names: readonly string[]): GroupPlace | undefined => {
  const [name, ...others] = names
  const places = views.map(({ spec }) => (spec.ok ? spec.value.group : null))
  const [first] = places
  return others.length === 0 && places.every((place) => place?.id === name) ? (first ?? undefined) : undefined
}

export const cardOfGroup = (place: GroupPlace, views: readonly JobView[], now: number): Card => {
  const { id, size, maxParallel, failFast, retryOf } = place
  const [first] = views
  const spec = first?.spec.ok ? first.spec.value : null
  const jobs = views.map((view) => ({ ...memberOf(view), job: view.state.ok ? view.state.value.job : null }))
  const hasFailed = jobs.some(({ job }) => job !== null && (exitStatusOfJob(job) ?? 0) !== 0)
  const how = [
    ...(maxParallel === null ? [] : [`${maxParallel} at a time`]),
    ...(failFast ? ['the first failure ends all'] : []),
  ]
  const about: Line[] = [
    {
      label: 'group',
      text: id,
      note: `(${size === views.length ? `${size} jobs` : `${views.length} of ${size} jobs are still there`})`,
    },
    { label: 'state', text: summarize(jobs) },
    ...(hasFailed ? [{ label: 'hint', text: `chap start --retry-failed ${id}`, isBad: true }] : []),
  ]
  const asked: Line[] = [
    ...(spec === null ? [] : [{ label: 'command', text: commandOf(spec) }]),
    ...(how.length === 0 ? [] : [{ label: 'limits', text: how.join(', ') }]),
    ...(retryOf === null ? [] : [{ label: 'retry of', text: `what failed in ${safeText(retryOf)}` }]),
    ...(spec === null
      ? []
      : [
          lineOfTime(
            'created',
            spec.created.time,
            now,
            `, by ${safeText(spec.created.user)}@${safeText(spec.created.host)}`,
          ),
        ]),
  ]
  return [about, asked]
}

const FIELDS: readonly FieldName[] = ['id', 'host', 'state', 'exit', 'time', 'size', 'last']
/** Columns of a table in a pipe: all of it. */
const WIDE = 10_000

export const tableOfGroup = (views: readonly JobView[], now: number, showing: Showing): string =>
  paintTable(
    views.map((view) => glanceAt(view, now)),
    FIELDS,
    { ...showing, columns: showing.columns ?? WIDE },
  )
    .map((line) => `${line}\n`)
    .join('')
