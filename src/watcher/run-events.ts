/** A series' runs as events. */
import type { AnyEvent } from '../spool/event-file.ts'
import { parseRun, type RunNote } from '../spool/runs.ts'

/**
 * @param start milliseconds since the epoch, for what stands before the first line that has a time; null: now
 * @returns reads one line after the other, and may be given the last one again
 */
export const openRunEvents = (start: number | null): ((line: string) => AnyEvent | undefined) => {
  // What has no time of its own happened after what stands before it.
  let time = start
  return (line) => {
    const note = parseRun(line)
    if (note === undefined) return undefined
    if (note.kind === 'begun') time = note.start * 1000
    if (note.kind === 'ended') time = note.end * 1000
    return { time: isoTime(time ?? Date.now()), ...eventOfRun(note) }
  }
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
