/** What can be shown of a job: each field as a program reads it, and where that differs, as a person does. */
import { statSync } from 'node:fs'
import {
  formatDuration,
  type JobView,
  type LastLine,
  measureDisk,
  outcomeOf,
  type RunsSummary,
  readLastLine,
  viewCallback,
  viewLastRuns,
} from '../../index.ts'
import { commandOf, formatSize, stateOf } from '../job-row.ts'
import { safeLine, safeText } from '../safe-text.ts'
import { sayAgo, sayDuration } from './human-times.ts'
import { kindOfJob, type StateKind } from './state-kind.ts'

/** One job at one moment. What takes reading is read when it is asked for, once. */
export interface Glance {
  readonly view: JobView
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly kind: StateKind
  readonly runs: RunsSummary | null
  /** In both streams. */
  readonly bytes: number
  /** On disk, with all records. */
  readonly disk: number
  readonly lastLine: LastLine
}

/** What was read of jobs. A view stands for its job at one state and size: of another one all is read again. */
const known = new WeakMap<JobView, { runs?: RunsSummary | null; bytes?: number; disk?: number; lastLine?: LastLine }>()

export const glanceAt = (view: JobView, now: number): Glance => {
  const read = known.get(view) ?? {}
  known.set(view, read)
  return {
    view,
    now,
    get kind() {
      return kindOfJob(view, now, this.runs)
    },
    get runs() {
      if (read.runs === undefined) read.runs = viewLastRuns(view)
      return read.runs
    },
    get bytes() {
      read.bytes ??= countBytes(view)
      return read.bytes
    },
    get disk() {
      read.disk ??= measureDisk(view.paths.dir)
      return read.disk
    },
    get lastLine() {
      read.lastLine ??= readLastLine(view.paths)
      return read.lastLine
    },
  }
}

const countBytes = ({ state, paths }: JobView): number => {
  const sizes = state.ok ? state.value.job.sizes : null
  if (sizes !== null) return sizes.stdout + sizes.stderr
  return [paths.stdout, paths.stderr]
    .map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)
}

export interface Field {
  readonly head: string
  /** As programs read it. */
  readonly text: (glance: Glance) => string
  /** For people, where there is room. */
  readonly long?: (glance: Glance) => string
}

const specOf = ({ view }: Glance) => (view.spec.ok ? view.spec.value : undefined)
const jobOf = ({ view }: Glance) => (view.state.ok ? view.state.value.job : undefined)

export const ageOf = (glance: Glance): number | undefined => {
  const created = specOf(glance)?.created.time
  return created === undefined ? undefined : glance.now - Date.parse(created)
}

/** Milliseconds that it ran. */
export const timeOf = (glance: Glance): number | undefined => {
  const { startTime = null, endTime = null, phase } = jobOf(glance) ?? {}
  if (startTime === null) return undefined
  const end = phase === 'ended' && endTime !== null ? Date.parse(endTime) : glance.now
  return end - Date.parse(startTime)
}

export const exitOf = (glance: Glance): string => {
  const job = jobOf(glance)
  const outcome = job === undefined ? null : outcomeOf(job)
  if (outcome?.kind === 'exited') return String(outcome.code)
  return outcome?.kind === 'signaled' ? outcome.signal : ''
}

const wordsOfState = (glance: Glance): string => {
  const { kind, now, runs } = glance
  if (kind === 'queued' || kind === 'orphaned') return kind
  return stateOf(jobOf(glance), now, specOf(glance)?.series, runs)
}

const spell = (ms: number | undefined, words: (ms: number) => string): string => (ms === undefined ? '' : words(ms))

export const FIELDS = {
  id: { head: 'ID', text: ({ view }) => view.id },
  name: { head: 'NAME', text: (glance) => safeText(specOf(glance)?.name ?? '') },
  host: { head: 'HOST', text: (glance) => safeText(specOf(glance)?.host ?? '') },
  state: { head: 'STATE', text: wordsOfState },
  exit: { head: 'EXIT', text: exitOf },
  age: {
    head: 'AGE',
    text: (glance) => spell(ageOf(glance), formatDuration),
    long: (glance) => spell(ageOf(glance), sayAgo),
  },
  time: {
    head: 'TIME',
    text: (glance) => spell(timeOf(glance), formatDuration),
    long: (glance) => spell(timeOf(glance), sayDuration),
  },
  size: { head: 'SIZE', text: ({ bytes }) => formatSize(bytes) },
  command: {
    head: 'COMMAND',
    text: (glance) => {
      const spec = specOf(glance)
      return spec === undefined ? '' : commandOf(spec)
    },
  },
  group: { head: 'GROUP', text: (glance) => specOf(glance)?.group?.id ?? '' },
  /** left: the job has ended, and nobody is there to deliver the rest. */
  callback: { head: 'CALLBACK', text: ({ view }) => viewCallback(view)?.kind ?? '' },
  last: { head: 'LAST LINE', text: ({ lastLine }) => safeLine(lastLine.text) },
  labels: {
    head: 'LABELS',
    text: (glance) =>
      Object.entries(specOf(glance)?.labels ?? {})
        .map(([key, value]) => safeText(`${key}=${value}`))
        .join(','),
  },
  disk: { head: 'DISK', text: ({ disk }) => formatSize(disk) },
  bytes: { head: 'BYTES', text: ({ bytes }) => String(bytes) },
  created: { head: 'CREATED', text: (glance) => specOf(glance)?.created.time ?? '' },
  started: { head: 'STARTED', text: (glance) => jobOf(glance)?.startTime ?? '' },
  ended: { head: 'ENDED', text: (glance) => jobOf(glance)?.endTime ?? '' },
} as const satisfies Record<string, Field>

export type FieldName = keyof typeof FIELDS

/** Labels may be called as what every object has. */
export const labelOf = ({ labels }: { readonly labels: Readonly<Record<string, string>> }, key: string) =>
  Object.hasOwn(labels, key) ? labels[key] : undefined

export const isFieldName = (name: string): name is FieldName => Object.hasOwn(FIELDS, name)

/** In a pipe each has its place for ever: new ones come last. */
export const PIPED = ['id', 'name', 'host', 'state', 'exit', 'age', 'time', 'size', 'command', 'group'] as const
