/** `chap top` on the terminal, until a person wants something else than to look. */
import { constants } from 'node:os'
import { type JobView, type Killed, kill, watch } from '../../index.ts'
import type { Context } from '../context.ts'
import { type Glance, glanceAt } from '../ls/fields.ts'
import { type IsWanted, readSearch } from '../ls/filter.ts'
import type { Painting } from '../ls/paint-table.ts'
import { isProblem, type Problem } from '../problem.ts'
import { wordsOfProblem } from '../problem-words.ts'
import { CLEAR_SCREEN, ENTER_SCREEN, LEAVE_SCREEN, onResize, onTerminalLost, terminalSize } from '../terminal.ts'
import { divide, frameOf } from './frame.ts'
import { type Key, type Model, press, type Wish, withJobs } from './model.ts'
import { followOutput, type OutputLine } from './output.ts'
import type { Painted } from './paint.ts'

export interface TopOptions {
  /** Milliseconds since the epoch: jobs that were over before are left out. */
  readonly since: number
  readonly isWanted: IsWanted
  readonly painting: Omit<Painting, 'columns'>
}

export type Left =
  | { readonly kind: 'ended'; readonly status: number }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'attach'; readonly view: JobView }

const TICK_MS = 1_000
/** Milliseconds from a line of output to the screen with it. */
const REFRESH_MS = 30
/** Milliseconds between two lists, at the least. */
const PACE_MS = 100
/** Nobody sees it any more: as of a program that SIGPIPE ended. */
const EXIT_UNREAD = 141
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** @returns why it was left, and the model to come back with. The terminal is as it was before. */
export const showTop = async (
  context: Context,
  openPainter: (onKey: (key: Key) => void) => Painted,
  options: TopOptions,
  before: Model,
): Promise<{ readonly left: Left; readonly model: Model }> => {
  const stop = new AbortController()
  let left: Left | undefined
  const leave = (why: Left): void => {
    left ??= why
    stop.abort()
  }
  let model = before
  let views: readonly JobView[] = []
  /** What the output was when it was told to stand still. */
  let still: readonly OutputLine[] | undefined
  let defect: { readonly error: unknown } | undefined
  /** It waits until the screen is left. */
  const fail = (error: unknown): void => {
    defect ??= { error }
    leave({ kind: 'ended', status: 0 })
  }
  const output = followOutput(context.spool, () => model.isFollowing && refreshSoon(), fail)
  const painter = openPainter((key) => onKey(key))

  let soon: NodeJS.Timeout | undefined
  /** Lines come by the thousand. */
  const refreshSoon = (): void => {
    soon ??= setTimeout(refresh, REFRESH_MS)
  }
  const refresh = (): void => {
    clearTimeout(soon)
    soon = undefined
    if (left !== undefined) return
    try {
      paint()
    } catch (error) {
      fail(error)
    }
  }
  const paint = (): void => {
    const now = context.now()
    const glances = views.map((view) => glanceAt(view, now)).filter(options.isWanted)
    const search = readSearch(model.search)
    const shown = isProblem(search) ? glances : glances.filter(search)
    model = withJobs(
      model,
      shown.map(({ view }) => view.id),
    )
    const chosen = shown.find(({ view }) => view.id === model.chosen)
    output.show(chosen?.view ?? null)
    const { columns, rows } = terminalSize()
    still = model.isFollowing ? undefined : (still ?? [...output.lines()])
    const lines = still ?? withOpenLine(output.lines(), chosen)
    // Not the last column: what is cleared behind it would be what stands there. Ink ends its last line: not the last row either.
    painter.show(
      frameOf({ model, glances: shown, output: lines }, { ...options.painting, columns: columns - 1 }, rows - 1),
    )
  }
  const onKey = (key: Key): void => {
    const { rows } = terminalSize()
    const page = { rows: divide(rows - 1, model.ids.length).output, lines: (still ?? output.lines()).length }
    const pressed = press(model, key, page)
    model = pressed.model
    if (pressed.wish !== undefined) grant(pressed.wish)
    refreshSoon()
  }
  const grant = (wish: Wish): void => {
    const view = 'id' in wish ? views.find(({ id }) => id === wish.id) : undefined
    if (wish.kind === 'quit') leave({ kind: 'ended', status: 0 })
    if (wish.kind === 'suspend') leave({ kind: 'suspend' })
    if (wish.kind === 'redraw') repaint()
    if (wish.kind === 'attach' && view !== undefined) leave({ kind: 'attach', view })
    if (wish.kind === 'kill' && view !== undefined) end(view).catch(fail)
  }
  const end = async (view: JobView): Promise<void> => {
    const killed = await kill(view, { spool: context.spool, wait: false })
    model = { ...model, note: isProblem(killed) ? wordsOfProblem(killed).message : wordsOfKill(killed) }
    refresh()
  }
  /** Ink paints what changed: it has to begin anew where the terminal shows something else. */
  const repaint = (): void => {
    painter.stop()
    void context.stdout.write(CLEAR_SCREEN)
    refresh()
  }

  const releases = [
    context.onSignal(SIGNALS, (signal) => leave({ kind: 'ended', status: 128 + constants.signals[signal] })),
    context.onSignal(['SIGTSTP'], () => leave({ kind: 'suspend' })),
    context.onSignal(['SIGCONT'], repaint),
    onTerminalLost(() => leave({ kind: 'ended', status: EXIT_UNREAD })),
    onResize(repaint),
  ]
  const clock = setInterval(refresh, TICK_MS)
  await context.stdout.write(ENTER_SCREEN)
  try {
    for await (const list of watch({ spool: context.spool, since: options.since, signal: stop.signal })) {
      if (isProblem(list)) leave({ kind: 'failed', problem: list })
      else views = list
      refreshSoon()
      if (left !== undefined) break
      await new Promise((resolve) => setTimeout(resolve, PACE_MS))
    }
  } finally {
    clearInterval(clock)
    clearTimeout(soon)
    for (const release of releases) release()
    output.show(null)
    painter.stop()
    await context.stdout.write(LEAVE_SCREEN)
  }
  if (defect !== undefined) throw defect.error
  return { left: left ?? { kind: 'ended', status: 0 }, model }
}

const wordsOfKill = ({ kind, id }: Killed): string =>
  kind === 'ended' ? `${id} has ended already` : `${id} is told to end, with everything that it started`

/** With the line that has not ended yet, such as a progress bar: output gives whole ones. */
const withOpenLine = (lines: readonly OutputLine[], chosen: Glance | undefined): readonly OutputLine[] => {
  if (chosen === undefined || chosen.view.verdict === 'ended') return lines
  const { text, isOpen } = chosen.lastLine
  // What was read a moment ago may have ended meanwhile.
  return !isOpen || lines.at(-1)?.text.endsWith(text) ? lines : [...lines, { stream: 'stdout', text }]
}
