/** What there is to choose from: jobs, groups, labels and hosts, as they are at this moment. */
import { hostname } from 'node:os'
import {
  checkOwnSpool,
  hostOf,
  isEnded,
  isGoingOn,
  type JobView,
  listJobs,
  seriesOf,
  viewLastRuns,
} from '../../index.ts'
import type { Context } from '../context.ts'
import { commandOf, stateOf } from '../job-row.ts'
import { isProblem } from '../problem.ts'
import { loadConfig } from '../resolve.ts'
import { safeText } from '../safe-text.ts'
import { listSshHosts } from './ssh-hosts.ts'

export interface Candidate {
  readonly word: string
  /** One line; empty: there is nothing to say. */
  readonly about: string
}

/** Milliseconds after its end in which a job is offered; an older one when its id or name is begun. */
const RECENT_MS = 24 * 3_600_000

/** Newest first. */
const readJobs = (context: Context, current: string, fits: (view: JobView) => boolean): readonly JobView[] => {
  if (checkOwnSpool(context) !== undefined) return []
  const now = context.now()
  const recent = listJobs(context.spool, now, now - RECENT_MS)
  if (current === '' || recent.some(fits)) return recent
  return listJobs(context.spool, now)
}

/** Which jobs a command is of use for; of any other: all. */
const WANTED: Readonly<Record<string, (view: JobView) => boolean>> = {
  kill: isGoingOn,
  wait: isGoingOn,
  send: isGoingOn,
  recover: isGoingOn,
  rm: isEnded,
}

/** Ids, then names, groups where the command takes them, and `last`. */
export const listJobNames = (
  context: Context,
  current: string,
  { command, hasGroups }: { readonly command: string; readonly hasGroups: boolean },
): readonly Candidate[] => {
  const isWanted = WANTED[command] ?? (() => true)
  const jobs = readJobs(context, current, (view) => namesOf(view).some((word) => word.startsWith(current))).filter(
    isWanted,
  )
  const ids = jobs.map((view) => ({ word: view.id, about: describeJob(view, context.now()) }))
  const names = jobs.flatMap((view) =>
    view.spec.ok && view.spec.value.name !== null
      ? [{ word: view.spec.value.name, about: `${view.id}: ${describeJob(view, context.now())}` }]
      : [],
  )
  const last = jobs[0] === undefined ? [] : [{ word: 'last', about: 'the newest job' }]
  return [...ids, ...names, ...(hasGroups ? groupsOf(jobs) : []), ...last]
}

const namesOf = ({ id, spec }: JobView): readonly string[] =>
  spec.ok ? [id, spec.value.name ?? id, spec.value.group?.id ?? id] : [id]

/** `gpu1: ./train.sh --epochs 90 (running)` */
const describeJob = (view: JobView, now: number): string => {
  const { spec, state, verdict } = view
  const job = state.ok ? state.value.job : undefined
  const how =
    verdict === 'orphaned' || verdict === 'queued' ? verdict : stateOf(job, now, seriesOf(spec), viewLastRuns(view))
  const what = spec.ok ? commandOf(spec.value) : 'unreadable'
  return `${safeText(hostOf(view) ?? hostname())}: ${what} (${how})`
}

const groupsOf = (jobs: readonly JobView[]): readonly Candidate[] => {
  const groups = new Map<string, string>()
  for (const { spec } of jobs) {
    if (!spec.ok || spec.value.group === null) continue
    const { id, size } = spec.value.group
    groups.set(id, `group of ${size}: ${commandOf(spec.value)}`)
  }
  return [...groups].map(([word, about]) => ({ word, about }))
}

export const listGroups = (context: Context, current: string): readonly Candidate[] =>
  groupsOf(readJobs(context, current, ({ spec }) => spec.ok && spec.value.group?.id.startsWith(current) === true))

export const listLabels = (context: Context, current: string): readonly Candidate[] => {
  const labels = (view: JobView): string[] =>
    view.spec.ok ? Object.entries(view.spec.value.labels).map(([key, value]) => `${key}=${value}`) : []
  const jobs = readJobs(context, current, (view) => labels(view).some((label) => label.startsWith(current)))
  return jobs.flatMap(labels).map((word) => ({ word, about: '' }))
}

/** Of the config file, of ssh's, and of the jobs; clusters where a set of hosts may stand. */
export const listHosts = async (
  context: Context,
  { hasClusters }: { readonly hasClusters: boolean },
): Promise<readonly Candidate[]> => {
  const config = await loadConfig(context)
  const known = isProblem(config) || config === null ? undefined : config
  const clusters = hasClusters ? [...(known?.clusters ?? [])] : []
  // A node set would take brackets for a range of its own.
  const used = readJobs(context, '', () => true).map(hostOf)
  return [
    ...[...(known?.hosts.keys() ?? [])].map((word) => ({ word, about: 'config file' })),
    ...clusters.map(([name, set]) => ({ word: `@${name}`, about: `cluster: ${safeText(set)}` })),
    ...listSshHosts(context.env['HOME'] ?? '').map((word) => ({ word, about: 'ssh' })),
    ...used.filter((word) => word !== null && !word.includes('[')).map((word) => ({ word: word ?? '', about: 'jobs' })),
  ]
}

/** Of the config file. */
export const listTransports = async (context: Context): Promise<readonly Candidate[]> => {
  const config = await loadConfig(context)
  if (isProblem(config) || config === null) return []
  return [...config.transports].map(([word, { argv }]) => ({ word, about: safeText(argv.join(' ')) }))
}
