/**
 * The runs of a series: lines that the launcher appends to `runs` as they happen. Times are seconds since the epoch by the clock there.
 *
 *     begun N DUE START STDOUT STDERR                 run N begins, with so many bytes in the streams
 *     ended N END STATUS WHY LATE STDOUT STDERR       and ends; STATUS is the shell's $?, LATE as in the record of a job's end
 *     missed FROM TO WHY                              the fires FROM to TO were not run: overrun, late, rebooted, supervisor_died
 *     lost N WHY                                      run N began, and how it ended is not known
 *
 * Where a line says again what one before it said, the later one is right: a full disk may leave a part of a line behind.
 */
import type { Sizes } from '../domain/report.ts'

export type RunNote =
  | { readonly kind: 'begun'; readonly run: number; readonly due: number; readonly start: number; readonly at: Sizes }
  | {
      readonly kind: 'ended'
      readonly run: number
      readonly end: number
      readonly status: number
      /** exit, kill, timeout, idle, lease, ... */
      readonly why: string
      /** A process left behind still held the streams: what it wrote later is not kept. */
      readonly late: boolean
      readonly at: Sizes
    }
  | { readonly kind: 'missed'; readonly from: number; readonly to: number; readonly why: string }
  | { readonly kind: 'lost'; readonly run: number; readonly why: string }

const LINE =
  /^(?:begun (?<begun>\d+) (?<due>\d+(?:\.\d+)?) (?<start>\d+(?:\.\d+)?) (?<out>\d+) (?<err>\d+)|ended (?<ended>\d+) (?<end>\d+(?:\.\d+)?) (?<status>\d+) (?<why>\S+) (?<late>[01]) (?<outTo>\d+) (?<errTo>\d+)|missed (?<from>\d+) (?<to>\d+) (?<missed>\S+)|lost (?<lost>\d+) (?<lostWhy>\S+))(?: |$)/

/** undefined: no line of a kind that is known here. */
export const parseRun = (line: string): RunNote | undefined => {
  const said = LINE.exec(line)?.groups
  if (said === undefined) return undefined
  if (said['begun'] !== undefined) {
    const at = { stdout: Number(said['out']), stderr: Number(said['err']) }
    return { kind: 'begun', run: Number(said['begun']), due: Number(said['due']), start: Number(said['start']), at }
  }
  if (said['ended'] !== undefined)
    return {
      kind: 'ended',
      run: Number(said['ended']),
      end: Number(said['end']),
      status: Number(said['status']),
      why: said['why'] ?? '',
      late: said['late'] === '1',
      at: { stdout: Number(said['outTo']), stderr: Number(said['errTo']) },
    }
  if (said['from'] !== undefined)
    return { kind: 'missed', from: Number(said['from']), to: Number(said['to']), why: said['missed'] ?? '' }
  return { kind: 'lost', run: Number(said['lost']), why: said['lostWhy'] ?? '' }
}

/** Reads whole lines: what stands behind the last newline is still being written. */
export const parseRuns = (text: string): RunNote[] =>
  text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => parseRun(line) ?? [])

/** One run, as far as it is known. */
export interface Run {
  readonly run: number
  /** Seconds since the epoch. */
  readonly due: number
  readonly start: number
  /** Bytes in the streams before it. */
  readonly from: Sizes
  /** null: it still runs, or is lost. */
  readonly end: {
    readonly time: number
    readonly status: number
    readonly why: string
    readonly late: boolean
    /** Bytes in the streams behind it. */
    readonly to: Sizes
  } | null
  /** Why its end is not known. */
  readonly lost: string | null
}

/** What many notes come to: nothing of it grows with their number. */
export interface RunsSummary {
  /** Runs that began. */
  readonly runs: number
  /** Runs that ended with another status than 0, those apart that a kill of the series ended. */
  readonly failed: number
  /** Fires that were not run. */
  readonly missed: number
  /** Runs whose end is not known. */
  readonly lost: number
  readonly last: Run | null
  /** The highest number that was run or missed. */
  readonly reached: number
}

export const noRuns: RunsSummary = { runs: 0, failed: 0, missed: 0, lost: 0, last: null, reached: 0 }

/** Is the newest run still going on? */
export const isGoing = ({ last }: RunsSummary): boolean => last !== null && last.end === null && last.lost === null

const isFailed = ({ end }: Run): boolean => end !== null && end.status !== 0 && end.why !== 'kill'

/** A note more. */
export const addNote = (summary: RunsSummary, note: RunNote): RunsSummary => {
  const { last } = summary
  switch (note.kind) {
    case 'begun': {
      const { run, due, start, at } = note
      const runs = summary.runs + (last?.run === run ? 0 : 1)
      const reached = Math.max(summary.reached, run)
      return { ...summary, runs, reached, last: { run, due, start, from: at, end: null, lost: null } }
    }
    case 'ended': {
      if (last?.run !== note.run) return summary
      const { end: time, status, why, late, at: to } = note
      const ended = { ...last, end: { time, status, why, late, to } }
      const failed = summary.failed + Number(isFailed(ended)) - Number(isFailed(last))
      return { ...summary, failed, last: ended }
    }
    case 'missed': {
      // Numbers that are known already are not missed, whatever a machine says whose last notes a power cut took.
      const count = Math.max(0, note.to - Math.max(note.from - 1, summary.reached))
      return { ...summary, missed: summary.missed + count, reached: Math.max(summary.reached, note.to) }
    }
    case 'lost':
      return last?.run !== note.run || last.end !== null || last.lost !== null
        ? summary
        : { ...summary, lost: summary.lost + 1, last: { ...last, lost: note.why } }
  }
}

export const summarizeRuns = (notes: readonly RunNote[]): RunsSummary => notes.reduce(addNote, noRuns)
