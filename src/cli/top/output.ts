/** The newest output of one job after another, as it comes: what the lower half of `chap top` shows. */
import { attach, type JobView, type Line, type Stream } from '../../index.ts'
import { isProblem } from '../problem.ts'
import { wordsOfProblem } from '../problem-words.ts'

export interface OutputLine {
  readonly stream: Stream
  readonly text: string
}

/** Lines that are kept, and letters of each: no terminal is wider. */
const KEPT = 1_000
const LETTERS = 4_096

/** What is kept of a line, which may have a mebibyte. */
export const cutLine = ({ stream, text }: OutputLine): OutputLine =>
  // A copy: a slice would hold all of the line.
  ({ stream, text: text.length <= LETTERS ? text : Buffer.from(text.slice(0, LETTERS)).toString() })

export interface Output {
  readonly lines: () => readonly OutputLine[]
  /** Shows this job's from now on, unless it does already. null: none. */
  readonly show: (view: JobView | null) => void
}

/**
 * @param onLines called when there are others
 * @param onDefect called with an error that nobody expects
 */
export const followOutput = (spool: string, onLines: () => void, onDefect: (error: unknown) => void): Output => {
  let shown = ''
  let lines: OutputLine[] = []
  let stop = new AbortController()
  const read = async (view: JobView, signal: AbortSignal, follow: boolean): Promise<void> => {
    const put = (more: readonly OutputLine[]): void => {
      if (signal.aborted) return
      lines.push(...more)
      if (lines.length > 2 * KEPT) lines = lines.slice(-KEPT)
      onLines()
    }
    const attachment = await attach(view, { spool, from: { last: KEPT }, follow, signal })
    if (isProblem(attachment)) return put([{ stream: 'stderr', text: `chap: ${wordsOfProblem(attachment).message}` }])
    if (follow) {
      for await (const line of attachment.lines()) put([cutLine(line)])
      return
    }
    const all: (OutputLine & Pick<Line, 'time'>)[] = []
    for await (const line of attachment.lines()) all.push({ ...cutLine(line), time: line.time })
    put(all.sort((a, b) => a.time - b.time))
  }
  return {
    lines: () => lines,
    show: (view) => {
      // To follow a job that nobody looks after would bring it a chaperone: that is not asked for here.
      const isLive = view !== null && (view.verdict === 'attended' || view.verdict === 'suspect')
      const wanted = view === null ? '' : `${view.id} ${isLive}`
      if (wanted === shown) return
      shown = wanted
      stop.abort()
      stop = new AbortController()
      lines = []
      if (view === null) return onLines()
      read(view, stop.signal, isLive).catch(onDefect)
    },
  }
}
