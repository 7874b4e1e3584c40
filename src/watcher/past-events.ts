/**
 * What happened to jobs before now, by time: their files are merged, each read on when it is its turn. Of a file there is no more in memory
 * than the place and the time of its next line, as plain numbers: a list of all events of ten thousand jobs would take 150 MiB.
 */
import { existsSync, lstatSync } from 'node:fs'
import { type AnyEvent, parseAnyEvent } from '../spool/event-file.ts'
import { type JobPaths, jobPaths } from '../spool/layout.ts'
import { readSpec } from '../spool/spec.ts'
import { openEarliest } from './earliest.ts'
import { tellRest } from './event-tail.ts'
import { type Placed, placeAll, placeLines } from './placed-events.ts'
import { openRunEvents } from './run-events.ts'

export type SpoolEvent = AnyEvent & { readonly job: string; readonly name: string | null; readonly host: string | null }
export type JobLabel = Pick<SpoolEvent, 'job' | 'name' | 'host'>

/** Whose event it is. */
export const labelOf = (job: string, paths: Pick<JobPaths, 'spec'>): JobLabel => {
  const spec = readSpec(paths.spec)
  return { job, name: spec.ok ? spec.value.name : null, host: spec.ok ? spec.value.host : null }
}

/** Not by spreading both: of that V8 (node 20) keeps the garbage until its next full collection, a kilobyte for each event. */
export const addLabel = ({ job, name, host }: JobLabel, event: AnyEvent): SpoolEvent => ({ job, name, host, ...event })

/** The jobs whose past is wanted. */
export interface PastOptions {
  readonly ids: Iterable<string>
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Nothing happens to it any more: what its state says and its events do not is told, too. */
  readonly isOver: (id: string) => boolean
  /** Told how far a file was read: what stands there later was not told. */
  readonly onEnd: (id: string, file: 'events' | 'runs', place: number) => void
}

/** One file of a job; `rest`: what is told of its state behind its events. */
interface Source {
  readonly id: string
  readonly kind: 'events' | 'runs' | 'rest'
  readonly parse: (line: string) => AnyEvent | undefined
  /** Where the next line begins. */
  place: number
  /** Of what comes next, in milliseconds since the epoch. A clock that was set back does not change the order of lines. */
  time: number
  isRead: boolean
  /** Nothing of its state is left to tell. */
  isWhole: boolean
  label: JobLabel | null
}

export function* listPast(spool: string, { ids, since, isOver, onEnd }: PastOptions): Generator<SpoolEvent> {
  const waiting = openEarliest<Source>((one, other) => one.time < other.time)
  const add = (source: Source): void => {
    // What is older than wanted is passed over; it yields none.
    if (source.time === Number.NEGATIVE_INFINITY) for (const _ of readUpTo(spool, source, since - 1, since));
    if (!source.isRead) return waiting.add(source)
    const { id, kind, place, label } = source
    if (kind === 'rest') return
    if (!isOver(id)) onEnd(id, kind, place)
    else if (kind === 'events' && !isWhole(spool, source)) add({ ...openSource(id, 'rest', parseAnyEvent), label })
  }
  for (const id of ids) for (const source of openJob(spool, id, since)) add(source)
  for (let next = waiting.take(); next !== undefined; next = waiting.take()) {
    for (const event of readUpTo(spool, next, waiting.peek()?.time ?? Number.POSITIVE_INFINITY, since)) {
      next.label ??= labelOf(next.id, jobPaths(spool, next.id))
      yield addLabel(next.label, event)
    }
    add(next)
  }
}

const openJob = (spool: string, id: string, since: number): Source[] => {
  const paths = jobPaths(spool, id)
  const files = [paths.events, paths.runs, paths.state]
  if (!files.some((path) => (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since)) return []
  const events = openSource(id, 'events', parseAnyEvent)
  if (!existsSync(paths.runs)) return [events]
  const spec = readSpec(paths.spec)
  const start = spec.ok ? Date.parse(spec.value.created.time) : null
  return [events, openSource(id, 'runs', openRunEvents(start))]
}

const openSource = (id: string, kind: Source['kind'], parse: Source['parse']): Source => ({
  id,
  kind,
  parse,
  place: 0,
  time: Number.NEGATIVE_INFINITY,
  isRead: false,
  isWhole: false,
  label: null,
})

/** What comes up to that time, and not before `since`. */
function* readUpTo(spool: string, source: Source, limit: number, since: number): Generator<AnyEvent> {
  for (const { event, end } of readOn(jobPaths(spool, source.id), source)) {
    const own = event === undefined ? source.time : Date.parse(event.time)
    source.time = Math.max(source.time, own)
    if (source.time > limit) return
    source.place = end
    if (event?.event === 'collected') source.isWhole = true
    if (event !== undefined && own >= since) yield event
  }
  source.isRead = true
}

const readOn = (paths: JobPaths, { kind, place, parse }: Source): Iterable<Placed> => {
  if (kind !== 'rest') return placeLines(paths[kind], place, parse)
  return placeAll(
    tellRest(paths).toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time)),
    place,
  )
}

/** To read a state takes longer than to read the lines, and there may be thousands. */
const isWhole = (spool: string, source: Source): boolean =>
  source.isWhole && !existsSync(jobPaths(spool, source.id).onExit)
