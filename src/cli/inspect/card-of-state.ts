/** What a card says of a job's state: how it is or ended, when, its signals, and who looks after it. */
import {
  type Asker,
  endedBy,
  findNewer,
  formatDuration,
  hostOf,
  type Job,
  type JobView,
  outcomeOf,
  seriesOf,
  viewLastRuns,
} from '../../index.ts'
import { stateOf } from '../job-row.ts'
import { sayAgo, sayDuration } from '../ls/human-times.ts'
import { kindOfJob } from '../ls/state-kind.ts'
import { wordsOfOutcome, wordsOfTimer } from '../outcome-words.ts'
import { safeText } from '../safe-text.ts'
import { wordsOfFault } from '../words.ts'
import { type Line, lineOfTime, linesOfWords } from './line.ts'

const jobOf = ({ state }: JobView): Job | null => (state.ok ? state.value.job : null)
const nameOfHost = (view: JobView): string => hostOf(view) ?? 'this machine'

/** @param now milliseconds since the epoch */
export const stateLines = (view: JobView, now: number): Line[] => {
  const job = jobOf(view)
  const runs = viewLastRuns(view)
  const kind = kindOfJob(view, now, runs)
  const isAsItSays = job !== null && kind !== 'queued' && kind !== 'orphaned'
  const text = isAsItSays
    ? stateOf(job, now, seriesOf(view.spec), runs)
    : kind === 'queued'
      ? 'waits for its turn'
      : kind
  return [
    { label: 'state', text, kind },
    ...(job === null ? [] : outcomeLines(view, job)),
    ...(job?.disk == null ? [] : linesOfWords('disk', wordsOfFault(job.disk, nameOfHost(view)))),
  ]
}

const outcomeLines = (view: JobView, job: Job): Line[] => {
  const outcome = outcomeOf(job)
  if (outcome === null) return []
  const { message, hint } = wordsOfOutcome(outcome, nameOfHost(view))
  const timer = wordsOfTimer(endedBy(job), view.spec.ok ? view.spec.value.limits : null)
  const text = timer === null ? message : `${message}: ${timer}`
  const isGood = outcome.kind === 'exited' && outcome.code === 0
  return isGood ? [{ label: 'outcome', text }] : linesOfWords('outcome', { message: text, hint })
}

export const timeLines = (view: JobView, now: number): Line[] => {
  const job = jobOf(view)
  if (job === null) return []
  const { startTime, endTime, phase, ending } = job
  const end = phase === 'ended' ? endTime : null
  const took = startTime === null || end === null ? null : Date.parse(end) - Date.parse(startTime)
  const cpu = ending?.record?.cpu
  return [
    ...(startTime === null ? [] : [lineOfTime('began', startTime, now)]),
    ...(end === null ? [] : [lineOfTime('ended', end, now)]),
    ...(took === null ? [] : [{ label: 'took', text: sayDuration(took) }]),
    ...(cpu ? [{ label: 'cpu', text: `${cpu.user}s user, ${cpu.system}s system` }] : []),
  ]
}

const wordsOfAsker = ({ user, job }: Asker): string =>
  job === undefined ? safeText(user) : `the failure of ${safeText(job)} (--fail-fast)`

export const signalLines = (view: JobView): Line[] =>
  (jobOf(view)?.signals ?? []).map(({ signal, by, asked, sent }) => ({
    label: 'signal',
    text: `${signal} asked by ${wordsOfAsker(by)} at ${asked}, ${sent === null ? 'not delivered' : `delivered at ${sent}`}`,
    isBad: sent === null,
  }))

/** The process, who looks after it, and the connection between them. */
export const chaperoneLines = (view: JobView, now: number): Line[] => {
  const { id, state, verdict } = view
  const isLost = verdict === 'orphaned' && findNewer(view) === undefined
  const gone = { label: 'chaperone', text: `gone; chap recover ${id} brings one back`, isBad: true }
  if (!state.ok) return isLost ? [gone] : []
  const { job, chaperonePid } = state.value
  const { pid } = job.begun ?? {}
  return [
    ...(pid == null || job.phase === 'ended' ? [] : [{ label: 'pid', text: String(pid) }]),
    ...(isLost ? [gone] : []),
    ...(chaperonePid === null || isLost || job.link.status === 'closed'
      ? []
      : [{ label: 'chaperone pid', text: String(chaperonePid) }]),
    ...linkLines(job, nameOfHost(view), now),
    ...(verdict === 'ended' && job.link.status === 'closed' && !job.collected ? keptLines(view) : []),
  ]
}

const linkLines = ({ link, phase }: Job, host: string, now: number): Line[] => {
  const { status, fault, nextTry, lastContact } = link
  if (status === 'closed' || (phase === 'ended' && status === 'up')) return []
  if (fault !== null) {
    const next = nextTry === null ? '' : `, next try in ${formatDuration(Date.parse(nextTry) - now)}`
    const { message, hint } = wordsOfFault(fault, host)
    return linesOfWords('link', { message: `${status}: ${message}${next}`, hint })
  }
  const heard = lastContact === null ? '' : `, last heard of ${sayAgo(now - Date.parse(lastContact))}`
  return host === 'this machine' ? [] : [{ label: 'link', text: `${status}${heard}` }]
}

/** What was left there, since it can't be read or may still be in use. */
const keptLines = ({ spec }: JobView): Line[] => {
  if (!spec.ok || spec.value.route.kind === 'local') return []
  const { id, nonce, remoteDir } = spec.value
  return [{ label: 'kept there', text: safeText(`${remoteDir ?? '~/.local/state/chap-remote'}/${id}-${nonce}`) }]
}
