/** One job's changes, as a reader sees them: the lines of its events and of its runs, its growing output, and whether somebody looks after it. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { isClosed } from '../domain/job.ts'
import { hearEvent, nothingTold, tellChanges, tellDelivery } from '../domain/job-events.ts'
import { deliveryOf, readDelivery } from '../spool/callback.ts'
import { probeDoorbell } from '../spool/doorbell.ts'
import { type AnyEvent, parseAnyEvent, parseEvents, readEventText } from '../spool/event-file.ts'
import type { JobPaths } from '../spool/layout.ts'
import { endOfOnExit, readOnExit } from '../spool/on-exit.ts'
import { readSpec } from '../spool/spec.ts'
import { isCallbackOpen } from './callback.ts'
import { judgeJob } from './job-view.ts'
import { isOnExitOpen } from './on-exit.ts'
import { openRunEvents } from './run-events.ts'
import { openState } from './state-reader.ts'

export interface EventTail {
  /**
   * What came since the last call.
   * @param closely also what has to be looked for: output, and the chaperone
   */
  readonly read: (closely: boolean, now: number) => AnyEvent[]
  /** Goes on from there: what stands before it was told by somebody else. */
  readonly skipTo: (file: 'events' | 'runs', place: number) => void
  /** Nothing will come any more: the job is closed, and its chaperone has left. */
  readonly isOver: () => boolean
}

/** @param from where it begins: with what happens from now on, or with the first event */
export const openEventTail = (paths: JobPaths, from: 'now' | 'start'): EventTail => {
  const events = tailLines(paths.events, from)
  const runs = tailLines(paths.runs, from)
  const parseRun = openRunEvents(null)
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
    isOver = read.ok && isClosed(read.value.job) && !isOnExitOpen(paths) && !isCallbackOpen(paths)
    // Removed, which the next look at the spool finds.
    if (isOver || isOrphaned || !existsSync(paths.dir)) return []
    isOrphaned = judgeJob(paths, readSpec(paths.spec), read, now) === 'orphaned'
    return isOrphaned ? [{ time: isoTime(now), event: 'orphaned' }] : []
  }

  return {
    isOver: () => isOver,
    skipTo: (file, place) => (file === 'events' ? events : runs).skipTo(place),
    read: (closely, now) => {
      // Before the lines: what its chaperone wrote before it left is then read.
      const looked = closely ? look(now) : []
      const told = events.read().flatMap((line) => parseAnyEvent(line) ?? [])
      const ran = runs.read().flatMap((line) => parseRun(line) ?? [])
      const hasEnded = told.some(({ event }) => event === 'ended')
      const grown = closely || hasEnded ? grow(now) : []
      return [...ran, ...grown, ...told, ...(isOver ? tellRest(paths) : []), ...looked]
    },
  }
}

/** What the state of a closed job says and its events do not: its chaperone died in that moment, or was an older chap's. */
export const tellRest = (paths: JobPaths): AnyEvent[] => {
  const { read } = openState(paths.state)()
  if (!read.ok) return []
  const told = parseEvents(readEventText(paths.events)).reduce(hearEvent, nothingTold)
  const rest = tellChanges(told, read.value.job, 1).map((event) => ({ time: read.value.updated, ...event }))
  const delivery = readDelivery(paths)
  if (delivery.ok) {
    const { updated } = delivery.value
    rest.push(...tellDelivery(told, deliveryOf(delivery)).map((event) => ({ time: updated, ...event })))
  }
  const end = readOnExit(paths)
  if (!end.ok || told.kinds.has('on_exit_ended')) return rest
  return [
    ...rest,
    { time: end.value.end_time ?? read.value.updated, event: 'on_exit_ended', ...endOfOnExit(end.value) },
  ]
}

const isoTime = (ms: number): string => new Date(ms).toISOString()

const sizesOf = (paths: JobPaths): { stdout: number; stderr: number } => ({
  stdout: sizeOf(paths.stdout),
  stderr: sizeOf(paths.stderr),
})

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const PIECE = 65_536

interface Lines {
  readonly read: () => string[]
  readonly skipTo: (place: number) => void
}

/** Whole lines that were added since the last call. The file is open only while it is read: a thousand jobs are followed at once. */
const tailLines = (path: string, from: 'now' | 'start'): Lines => {
  let offset = from === 'now' ? sizeOf(path) : 0
  let rest = ''
  return {
    skipTo: (place) => {
      offset = place
      rest = ''
    },
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
