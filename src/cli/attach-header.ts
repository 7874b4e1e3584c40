/** What one attaches to, in one line that fits the terminal: what, where, how it is, and since when. */
import { foldNodes, formatDuration, type Job, type JobView, outcomeOf } from '../index.ts'
import { FIELDS, type Glance, glanceAt } from './ls/fields.ts'
import { cutToWidth, widthOf } from './ls/text-width.ts'
import { safeText } from './safe-text.ts'

/** A command that gets fewer columns says nothing. */
const LEAST = 8

/** @param now milliseconds since the epoch */
export const headerOf = (views: readonly JobView[], now: number, columns: number): string => {
  const [view, ...others] = views
  if (view === undefined) return ''
  const glances = views.map((one) => glanceAt(one, now))
  const commands = new Set(glances.map(FIELDS.command.text))
  const command = commands.size === 1 ? ([...commands][0] ?? '') : ''
  const [what, how] =
    others.length === 0 ? [nameOf(view), wordsOfOne(glanceAt(view, now))] : [nameOfAll(views), countStates(glances)]
  const room = columns - widthOf(what) - widthOf(how) - 4
  const middle = command === '' || room < LEAST ? '' : `: ${cutToWidth(command, room)}`
  return cutToWidth(`${what}${middle}; ${how}`, columns)
}

const nameOf = ({ id, spec }: JobView): string => {
  const { name = null, host = null } = spec.ok ? spec.value : {}
  return `${id}${name === null ? '' : ` (${safeText(name)})`}${host === null ? '' : ` at ${safeText(host)}`}`
}

const nameOfAll = (views: readonly JobView[]): string => {
  const specs = views.flatMap(({ spec }) => (spec.ok ? [spec.value] : []))
  const groups = new Set(specs.map((spec) => spec.group?.id))
  const [group] = groups
  const hosts = specs.flatMap(({ host }) => host ?? [])
  const here = hosts.length < specs.length ? ['here'] : []
  const places = [...(hosts.length === 0 ? [] : [`at ${safeText(foldNodes(hosts))}`]), ...here]
  const isGroup = groups.size === 1 && group !== undefined
  return `${isGroup ? `${group}: ` : ''}${views.length} jobs ${places.join(' and ')}`
}

/** `38 running, 2 ended`. */
const countStates = (glances: readonly Glance[]): string => {
  const counts = new Map<string, number>()
  for (const { kind } of glances) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

const wordsOfOne = (glance: Glance): string => {
  const { view, now } = glance
  const state = FIELDS.state.text(glance)
  if (!view.state.ok) return state
  const { job } = view.state.value
  const { startTime, endTime } = job
  if (job.phase === 'ended')
    return endTime === null
      ? wordsOfEnd(glance, job)
      : `${wordsOfEnd(glance, job)} at ${clock(endTime, now)} (${agoOf(endTime, now)})`
  if (startTime !== null) {
    const ran = formatDuration(now - Date.parse(startTime))
    return glance.kind === 'running'
      ? `${state} since ${clock(startTime, now)} (${ran})`
      : `${state}; begun ${clock(startTime, now)} (${ran} ago)`
  }
  const { created } = view.spec.ok ? view.spec.value : {}
  return created === undefined ? state : `${state}; asked ${clock(created.time, now)} (${agoOf(created.time, now)})`
}

const wordsOfEnd = ({ kind }: Glance, job: Job): string => {
  const outcome = outcomeOf(job)
  if (kind === 'timed out' || kind === 'over limit' || outcome === null) return kind
  if (outcome.kind === 'exited') return `exited ${outcome.code}`
  return outcome.kind === 'signaled' ? `killed by ${outcome.signal}` : outcome.kind
}

const agoOf = (time: string, now: number): string => `${formatDuration(now - Date.parse(time))} ago`

/** By the clock of whoever looks: `10:02`, or with its day where that is another one. */
const clock = (time: string, now: number): string => {
  const [then, today] = [new Date(time), new Date(now)]
  const two = (part: number): string => String(part).padStart(2, '0')
  const hour = `${two(then.getHours())}:${two(then.getMinutes())}`
  if (then.toDateString() === today.toDateString()) return hour
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${hour}`
}
