/** The runs of a series, for a program: which there were, how each ended, and what was missed. */
import { exitStatusOf, isLimit, type Outcome, outcomeOfStatus } from '../domain/outcome.ts'
import type { Sizes } from '../domain/report.ts'
import { parseRuns, type RunNote } from '../spool/runs.ts'
import { readForward } from '../watcher/read-forward.ts'
import { type JobLike, lookUp } from './choose-job.ts'
import { attempt, isProblem, type Problem } from './problem.ts'
import { type InSpool, surroundingsOf } from './surroundings.ts'

/** Times are milliseconds since the epoch, by the clock where it runs. */
export interface RunBegin {
  /** Its number, from 1; missed runs have numbers, too. */
  readonly run: number
  readonly due: number
  readonly start: number
  /** Bytes in the streams before it. */
  readonly from: Sizes
}

export type RunEnd =
  | (RunBegin & {
      readonly kind: 'ended'
      readonly end: number
      readonly outcome: Outcome
      /** `exit`, `kill`, or which timer: `timeout`, `idle`, `lease`, `max_output`. A newer chap may know others. */
      readonly endedBy: string
      /** As `Ended.exitStatus`. */
      readonly exitStatus: number
      /** A process left behind still held the streams: what it wrote later is not kept. */
      readonly late: boolean
      /** Bytes in the streams behind it. */
      readonly to: Sizes
    })
  /** Nobody knows how it ended, since its machine or what started it there died: `why`. */
  | (RunBegin & { readonly kind: 'lost'; readonly why: string })
  /** Those of the numbers `first` to `last` were not begun. why: `overrun`, `late`, `rebooted`, `supervisor_died`, ... */
  | { readonly kind: 'missed'; readonly first: number; readonly last: number; readonly why: string }

export type Run = RunEnd | (RunBegin & { readonly kind: 'going' })

/** All runs of a series so far, the one that goes on among them; of a job that is no series, none. */
export const listRuns = (job: JobLike, options: InSpool = {}): Promise<Run[] | Problem> =>
  attempt(() => {
    const view = lookUp(surroundingsOf(options), job)
    if (isProblem(view)) return view
    const runs = new Map<number, Run>()
    const { take, going } = gatherRuns()
    const notes = readForward(view.paths.runs, parseRuns)
    for (let note = notes.peek(); note !== undefined; note = notes.peek()) {
      for (const end of take(note)) runs.set(end.kind === 'missed' ? end.first : end.run, end)
      notes.skip()
    }
    const last = going()
    return [...runs.values(), ...(last === null ? [] : [{ kind: 'going' as const, ...last }])]
  })

export interface RunGatherer {
  /** @returns the runs of which this note is the end, each once */
  readonly take: (note: RunNote) => readonly RunEnd[]
  /** The run that goes on. */
  readonly going: () => RunBegin | null
}

/** Makes runs of notes, in the order in which they were made. */
export const gatherRuns = (): RunGatherer => {
  let going: RunBegin | null = null
  // The highest number of which something is known.
  let reached = 0
  const end = <T extends object>(run: number, rest: T): readonly (RunBegin & T)[] => {
    if (going?.run !== run) return []
    const ended = { ...going, ...rest }
    going = null
    return [ended]
  }
  const take = (note: RunNote): readonly RunEnd[] => {
    switch (note.kind) {
      case 'begun':
        going = { run: note.run, due: note.due * 1000, start: note.start * 1000, from: note.at }
        reached = Math.max(reached, note.run)
        return []
      case 'ended':
        return end(note.run, endOf(note))
      case 'lost':
        return end(note.run, { kind: 'lost', why: note.why } as const)
      case 'missed': {
        const { from, to, why } = note
        // A power cut took its notes there: nobody will say any more how it ended.
        const lost =
          going !== null && from <= going.run && going.run <= to ? end(going.run, { kind: 'lost', why } as const) : []
        const first = Math.max(from, reached + 1)
        reached = Math.max(reached, to)
        return first > to ? lost : [...lost, { kind: 'missed', first, last: to, why }]
      }
    }
  }
  return { take, going: () => going }
}

const endOf = ({ end, status, why, late, at }: Extract<RunNote, { kind: 'ended' }>) => {
  const outcome = outcomeOfStatus(status)
  const exitStatus = exitStatusOf(outcome, isLimit(why) ? why : null)
  return { kind: 'ended', end: end * 1000, outcome, endedBy: why, exitStatus, late, to: at } as const
}
