/** One job's changes, as a reader sees them: the lines of its events and of its runs, its growing output, and whether somebody looks after it. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { isClosed } from '../domain/job.ts'
import { hearEvent, nothingTold, tellChanges } from '../domain/job-events.ts'
import { probeDoorbell } from '../spool/doorbell.ts'
import { type AnyEvent, parseAnyEvent, parseEvents, readEventText } from '../spool/event-file.ts'
import type { JobPaths } from '../spool/layout.ts'
import { endOfOnExit, readOnExit } from '../spool/on-exit.ts'
import { parseRun, type RunNote } from '../spool/runs.ts'
import { readSpec } from '../spool/spec.ts'
import { judgeJob } from './job-view.ts'
import { isOnExitOpen } from './on-exit.ts'
import { openState } from './state-reader.ts'

export interface EventTail {
  /**
   * What came since the last call.
   * @param closely also what has to be looked for: output, and the chaperone
   */
  readonly read: (closely: boolean, now: number) => AnyEvent[]
  /** Nothing will come any more: the job is closed, and its chaperone has left. */
  readonly isOver: () => boolean
}

/** @param from where it begins: with what happens from now on, or with the first event */
export const openEventTail = (paths: JobPaths, from: 'now' | 'start'): EventTail => {
  const events = tailLines(paths.events, from)
  const runs = tailLines(paths.runs, from)
  const state = openState(paths.state)
  let sizes = from === 'now' ? sizesOf(paths) : { stdout: 0, stderr: 0 }
  let isOrphaned = false
  let isOver = false

  const grow = (now: number): AnyEvent[] => {
    const before = sizes
    sizes = sizesOf(paths)
    if (sizes.stdout === before.stdout && sizes.stderr === before.stderr) return []
    return [{ time: isoTime(now), event: 'output_grew', ...sizes }]
  }

  /** Once, until somebody is there again. */
  const look = (now: number): AnyEvent[] => {
    if (probeDoorbell(paths.doorbell)) {
      isOrphaned = false
      return []
    }
    const { read } = state()
    isOver = read.ok && isClosed(read.value.job) && !isOnExitOpen(paths)
    // Removed, which the next look at the spool finds.
    if (isOver || isOrphaned || !existsSync(paths.dir)) return []
    isOrphaned = judgeJob(paths, readSpec(paths.spec), read, now) === 'orphaned'
    return isOrphaned ? [{ time: isoTime(now), event: 'orphaned' }] : []
  }

  return {
    isOver: () => isOver,
    read: (closely, now) => {
      // Before the lines: what its chaperone wrote before it left is then read.
      const looked = closely ? look(now) : []
      const told = events.read().flatMap((line) => parseAnyEvent(line) ?? [])
      const ran = eventsOfRuns(runs.read())
      const hasEnded = told.some(({ event }) => event === 'ended')
      const grown = closely || hasEnded ? grow(now) : []
      return [...ran, ...grown, ...told, ...(isOver ? tellRest(paths) : []), ...looked]
    },
  }
}

/** What the state of a closed job says and its events do not: its chaperone died in that moment, or was an older chap's. */
const tellRest = (paths: JobPaths): AnyEvent[] => {
  const { read } = openState(paths.state)()
  if (!read.ok) return []
  const told = parseEvents(readEventText(paths.events)).reduce(hearEvent, nothingTold)
  const rest = tellChanges(told, read.value.job, 1).map((event) => ({ time: read.value.updated, ...event }))
  const end = readOnExit(paths)
  if (!end.ok || told.kinds.has('on_exit_ended')) return rest
  return [
    ...rest,
    { time: end.value.end_time ?? read.value.updated, event: 'on_exit_ended', ...endOfOnExit(end.value) },
  ]
}

/** All that happened to a job since then, of its lines; and, where it is closed, of its state. */
export const readEventsSince = (paths: JobPaths, since: number, isOver: boolean): AnyEvent[] => {
  const told = tailLines(paths.events, 'start')
    .read()
    .flatMap((line) => parseAnyEvent(line) ?? [])
  const ran = eventsOfRuns(tailLines(paths.runs, 'start').read())
  const tells = (wanted: string): boolean => told.some(({ event }) => event === wanted)
  // To read a state takes longer than to read the lines, and there may be thousands.
  const isWhole = !isOver || (tells('collected') && (tells('on_exit_ended') || !existsSync(paths.onExit)))
  return [...told, ...ran, ...(isWhole ? [] : tellRest(paths))].filter(({ time }) => Date.parse(time) >= since)
}

const eventsOfRuns = (lines: readonly string[]): AnyEvent[] => {
  // What has no time of its own happened after what stands before it.
  let time = 0
  return lines.flatMap((line) => {
    const note = parseRun(line)
    if (note === undefined) return []
    if (note.kind === 'begun') time = note.start
    if (note.kind === 'ended') time = note.end
    return [{ time: isoTime(time === 0 ? Date.now() : time * 1000), ...eventOfRun(note) }]
  })
}

const eventOfRun = (note: RunNote): Omit<AnyEvent, 'time'> & { readonly event: string } => {
  switch (note.kind) {
    case 'begun':
      return { event: 'run_begun', run: note.run, due: isoTime(note.due * 1000) }
    case 'ended':
      return { event: 'run_ended', run: note.run, status: note.status, ended_by: note.why }
    case 'missed':
      return { event: 'run_missed', from: note.from, to: note.to, why: note.why }
    case 'lost':
      return { event: 'run_lost', run: note.run, why: note.why }
  }
}

const isoTime = (ms: number): string => new Date(ms).toISOString()

const sizesOf = (paths: JobPaths): { stdout: number; stderr: number } => ({
  stdout: sizeOf(paths.stdout),
  stderr: sizeOf(paths.stderr),
})

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const PIECE = 65_536

/** Whole lines that were added since the last call. The file is open only while it is read: a thousand jobs are followed at once. */
const tailLines = (path: string, from: 'now' | 'start'): { readonly read: () => string[] } => {
  let offset = from === 'now' ? sizeOf(path) : 0
  let rest = ''
  return {
    read: () => {
      const size = sizeOf(path)
      if (size <= offset) return []
      let fd: number
      try {
        fd = openSync(path, 'r')
      } catch (error) {
        // Removed meanwhile; or no descriptor is left, and the next look finds it.
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
        return []
      }
      try {
        const pieces: Buffer[] = []
        for (let bytes = -1; bytes !== 0 && offset < size; ) {
          const piece = Buffer.allocUnsafe(Math.min(PIECE, size - offset))
          bytes = readSync(fd, piece, 0, piece.length, offset)
          offset += bytes
          pieces.push(piece.subarray(0, bytes))
        }
        const lines = (rest + Buffer.concat(pieces).toString('latin1')).split('\n')
        rest = lines.pop() ?? ''
        return lines.map((line) => Buffer.from(line, 'latin1').toString())
      } finally {
        closeSync(fd)
      }
    },
  }
}
