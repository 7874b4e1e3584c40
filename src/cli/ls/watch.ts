/** `ls --watch`: the list as it changes. On a terminal a screen that is kept true; in a pipe each job's line again when it is another. */
import { constants } from 'node:os'
import { type JobView, watch } from '../../index.ts'
import type { Context } from '../context.ts'
import type { Problem } from '../problem.ts'
import { ENTER_SCREEN, LEAVE_SCREEN, onResize, type Size, suspend, terminalSize } from '../terminal.ts'
import type { Glance } from './fields.ts'
import { diffScreens } from './screen-diff.ts'

/** Milliseconds between two looks at the clock: times go on also when nothing happens. */
const TICK_MS = 1_000
/** Milliseconds between two paintings, at the least: many changes are one. */
const PACE_MS = 50
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
const statusOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]
/** Nobody reads any more: as of a program that SIGPIPE ended. */
const EXIT_UNREAD = 141

/** @param lineOf what is written of a job, without its end; those that are not to be shown are not among them */
export const watchLines = async (
  context: Context,
  since: number,
  choose: (views: readonly JobView[]) => readonly Glance[],
  lineOf: (glance: Glance) => string,
): Promise<number | Problem> => {
  const stop = new AbortController()
  let status = 0
  const release = context.onSignal(SIGNALS, (signal) => {
    status = statusOf(signal)
    stop.abort()
  })
  // By their views: the clock alone changes nothing.
  const told = new WeakSet<JobView>()
  for await (const views of watch({ spool: context.spool, since, signal: stop.signal })) {
    if ('code' in views) return views
    const changed = choose(views).filter(({ view }) => !told.has(view))
    for (const { view } of changed) told.add(view)
    if (!(await context.stdout.write(changed.map((glance) => `${lineOf(glance)}\n`).join('')))) return EXIT_UNREAD
  }
  release()
  return status
}

/** @param paint the lines for a terminal of that size; they may be more than its rows */
export const watchScreen = async (
  context: Context,
  since: number,
  paint: (views: readonly JobView[], size: Size) => readonly string[],
): Promise<number | Problem> => {
  const { stdout } = context
  const stop = new AbortController()
  let status = 0
  const end = (code: number): void => {
    status = code
    stop.abort()
  }
  let views: readonly JobView[] | undefined
  let shown: readonly string[] | undefined
  const write = async (text: string): Promise<void> => {
    if (!(await stdout.write(text))) end(EXIT_UNREAD)
  }
  let defect: { readonly error: unknown } | undefined
  /** A defect waits until the screen is left. */
  const refresh = (): Promise<void> =>
    repaintChanges().catch((error: unknown) => {
      defect ??= { error }
      stop.abort()
    })
  const repaintChanges = async (): Promise<void> => {
    if (views === undefined) return
    const { columns, rows } = terminalSize()
    // Not the last column: to clear behind it would clear what stands there.
    const size = { columns: columns - 1, rows }
    const lines = fitRows(paint(views, size), size.rows)
    const text = diffScreens(shown, lines)
    shown = lines
    if (text !== '') await write(text)
  }
  const repaint = (): void => {
    shown = undefined
    void refresh()
  }
  const releases = [
    context.onSignal(SIGNALS, (signal) => end(statusOf(signal))),
    context.onSignal(['SIGTSTP'], () => void write(LEAVE_SCREEN).then(suspend)),
    context.onSignal(['SIGCONT'], () => void write(ENTER_SCREEN).then(repaint)),
    onResize(repaint),
  ]
  const clock = setInterval(() => void refresh(), TICK_MS)
  let problem: Problem | undefined
  await write(ENTER_SCREEN)
  try {
    for await (const list of watch({ spool: context.spool, since, signal: stop.signal })) {
      if ('code' in list) {
        problem = list
        break
      }
      views = list
      await refresh()
      await new Promise((resolve) => setTimeout(resolve, PACE_MS))
    }
  } finally {
    clearInterval(clock)
    for (const release of releases) release()
    await stdout.write(LEAVE_SCREEN)
  }
  if (defect !== undefined) throw defect.error
  // What was seen last stays, where the shell goes on.
  const last = views === undefined ? [] : paint(views, terminalSize())
  await stdout.write(last.map((line) => `${line}\n`).join(''))
  return problem ?? status
}

/** The first of them, and in the last row how many more there are. */
const fitRows = (lines: readonly string[], rows: number): readonly string[] =>
  lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more`]
