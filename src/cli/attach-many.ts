/** Follows several jobs, or every job of the spool, on this terminal: whole lines, each with the name of where it came from. */
import {
  type Followed,
  followMany,
  followSpool,
  hostOf,
  type JobView,
  jobOf,
  type Member,
  problemOfTrouble,
  type Sizes,
  type Stream,
  seriesOf,
} from '../index.ts'
import { concludeEnd } from './attach-job.ts'
import { labelBanners } from './banners.ts'
import type { ColorWish } from './color.ts'
import type { Context } from './context.ts'
import { showFolded } from './fold.ts'
import { announceDisk } from './follow-words.ts'
import { EXIT_INTERRUPTED, onInterrupt } from './interrupt.ts'
import { labelOf, nameJobs } from './job-labels.ts'
import { type JobTerminal, openJobTerminal } from './job-terminal.ts'
import { openLinkTeller } from './link-words.ts'
import { openLogSinks } from './log-sinks.ts'
import { safeText } from './safe-text.ts'
import { say, sayProblem } from './say.ts'
import { recoveryOf } from './secrets.ts'

const EXIT_UNREAD = 141
/** Ids that are said when all of them are left. */
const FEW = 5

export interface ManyOptions {
  readonly streams: readonly Stream[]
  readonly color: ColorWish
  readonly hasTime: boolean
  readonly isJson: boolean
  readonly isStrict: boolean
  readonly grep?: RegExp | undefined
  /** Where to begin. */
  readonly from: (view: JobView) => Sizes
  /** Ctrl-C, which detaches. */
  readonly interrupt: AbortSignal
  /** Show nothing before all have ended, and then those that said the same once. */
  readonly isFolded?: boolean
  /** Say where the runs of a series begin, also where stderr is no terminal. */
  readonly hasBanners?: boolean
  /** Told of each job that is over: for progress, and for a summary when all are. */
  readonly onFollowed?: (view: JobView, followed: Followed) => Promise<void>
}

interface Shown extends Member {
  readonly view: JobView
}

/** @returns the largest of the jobs' own statuses; 130 when it was interrupted, 141 when nobody reads any more */
export const attachMany = async (
  context: Context,
  views: readonly JobView[],
  options: ManyOptions,
  terminal = openJobTerminal(context),
): Promise<number> => {
  const names = nameJobs(views)
  const width = Math.max(0, ...[...names.values()].map((name) => name.length))
  const members = views.map((view) => openMember(terminal, view, names.get(view.id) ?? view.id, width, options))
  const result = await untilInterrupted(terminal, options, (note, signal) => followMany(members, note, signal))
  const hasDetached = result.detached.length > 0
  if (!hasDetached && options.isFolded === true) await showFolded(terminal.bytes, views, options)
  await terminal.restore()
  if (hasDetached) await sayDetached(terminal.words, result.detached, options.isJson)
  return result.status
}

/** Every job of the spool, also those that come later, until it is interrupted. */
export const followAll = async (context: Context, options: ManyOptions): Promise<number> => {
  const terminal = openJobTerminal(context)
  const open = (view: JobView): Shown => openMember(terminal, view, nameWithId(view), 0, options)
  const { isUnread } = await untilInterrupted(terminal, options, (note, signal) =>
    followSpool(context.spool, open, note, signal),
  )
  return isUnread ? 0 : EXIT_INTERRUPTED
}

/** In a whole spool each line says both. */
export const nameWithId = (view: JobView): string => `${view.id} ${safeText(hostOf(view) ?? 'here')}`

export const openMember = (
  terminal: JobTerminal,
  view: JobView,
  name: string,
  width: number,
  options: ManyOptions,
): Shown => {
  const { id, paths, spec } = view
  const host = hostOf(view)
  const from = options.from(view)
  const { bytes, words } = terminal
  const label = labelOf(bytes, options.color, name, width)
  const { sinks, end } = openLogSinks(
    bytes,
    { id, host, paths },
    from,
    // Gathered where it is already: in the spool.
    { ...options, label, streams: options.isFolded === true ? [] : options.streams },
  )
  const [link, sayDisk] = [openLinkTeller(terminal, id, host, false), announceDisk(words, id)]
  const hasRuns = seriesOf(spec) !== null && !options.isJson && options.isFolded !== true
  const onRun = hasRuns ? labelBanners(bytes, label, options.hasBanners ?? false) : undefined
  const telling = onRun === undefined ? {} : { onRun }
  return {
    ...telling,
    id,
    view,
    paths,
    sinks,
    from,
    end,
    created: spec.ok ? Date.parse(spec.value.created.time) : 0,
    options: {
      onState: (state) => {
        sayDisk(state)
        link.onState(state)
      },
      ...telling,
      ...recoveryOf(words, id, host),
    },
  }
}

const untilInterrupted = async (
  { words, noteInterrupt, restore }: JobTerminal,
  options: ManyOptions,
  follow: (note: (member: Shown, followed: Followed) => Promise<void>, signal: AbortSignal) => Promise<void>,
): Promise<{ status: number; detached: JobView[]; isUnread: boolean }> => {
  onInterrupt(options.interrupt, noteInterrupt)
  const result = { status: 0, detached: [] as JobView[], isUnread: false }
  const note = async ({ view }: Shown, followed: Followed): Promise<void> => {
    if (followed.kind === 'detached') result.detached.push(view)
    if (followed.kind === 'unread') result.isUnread = true
    const status = await concludeOne(words, view, followed, options.isJson)
    // Behind the wait: others end meanwhile.
    result.status = Math.max(result.status, status)
    await options.onFollowed?.(view, followed)
  }
  try {
    await follow(note, options.interrupt)
  } finally {
    await restore()
  }
  return result
}

const concludeOne = async (context: Context, view: JobView, followed: Followed, isJson: boolean): Promise<number> => {
  const { id } = view
  switch (followed.kind) {
    case 'ended':
      return concludeEnd(context, jobOf(view), followed.state, isJson)
    case 'detached':
      return EXIT_INTERRUPTED
    case 'unread':
      return EXIT_UNREAD
    case 'short':
      return sayProblem(context, { code: 'short', id, stream: followed.stream, missing: followed.missing }, isJson)
    default:
      return sayProblem(context, problemOfTrouble(id, followed), isJson)
  }
}

const sayDetached = async (context: Context, views: readonly JobView[], isJson: boolean): Promise<void> => {
  const ids = views.map(({ id }) => id)
  if (isJson) await context.stderr.write(`${JSON.stringify({ ids, detached: true })}\n`)
  else {
    const groups = new Set(views.map(({ spec }) => (spec.ok ? spec.value.group?.id : undefined)))
    const [group] = groups
    const name = groups.size === 1 && group !== undefined ? group : ids.length > FEW ? null : ids.join(' ')
    const named = name === null ? '' : `; chap attach ${name}`
    await say(context, `detached; ${ids.length === 1 ? '1 job goes' : `${ids.length} jobs go`} on${named}`)
  }
}
