/** A list on the whole screen from which a person picks one of the jobs that run. What is picked may go to a pipe: so the list is on stderr's terminal. */
import { constants } from 'node:os'
import { chooseOne, type JobView } from '../index.ts'
import { type ColorWish, hasColor, paint } from './color.ts'
import type { Context } from './context.ts'
import { EXIT_INTERRUPTED } from './interrupt.ts'
import { type Glance, glanceAt } from './ls/fields.ts'
import type { Painting } from './ls/paint-table.ts'
import { hasGlyphs } from './ls/state-kind.ts'
import { cutToWidth } from './ls/text-width.ts'
import { isProblem, type Problem } from './problem.ts'
import { CLEAR_SCREEN, ENTER_SCREEN, LEAVE_SCREEN, onResize, onTerminalLost, terminalSize } from './terminal.ts'
import { listOf } from './top/frame.ts'
import { type Key, type Model, newModel, press, withJobs } from './top/model.ts'
import { openPainter } from './top/paint.ts'

const TICK_MS = 1_000
const COLUMNS = ['id', 'name', 'host', 'state', 'age', 'command'] as const
const GREY = 244
/** Rows around the list: a question and an empty one above, and one with the keys below. */
const FRAME_ROWS = 3
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
/** Of the keys of `chap top`, those that mean something here. */
const NAMES: readonly unknown[] = ['up', 'down', 'home', 'end', 'enter']
const LETTERS = 'jkgG'

/** The one, or the status to exit with: nothing was picked. */
type Choice = readonly [JobView] | number | Problem

/** @returns with the terminal as it was before */
export const pickJob = async (context: Context, color: ColorWish): Promise<Choice> => {
  const where = 'stderr'
  const painting = { hasColor: hasColor(context, context.stderr, color), hasGlyphs: hasGlyphs(context.env) }
  let model = newModel('')
  let views: readonly JobView[] = []
  const { left, leave, fail } = waitForChoice()
  const painter = openPainter((key) => onKey(key), where)

  const look = (): void => {
    try {
      list()
    } catch (error) {
      // It waits until the screen is left.
      fail(error)
    }
  }
  const list = (): void => {
    const running = chooseOne(context, undefined)
    if (!isProblem(running)) views = [running]
    else if (running.code === 'several_running') views = running.candidates
    else return leave(running)
    model = withJobs(
      model,
      views.map(({ id }) => id),
    )
    show()
  }
  const show = (): void => {
    const glances = views.map((view) => glanceAt(view, context.now()))
    const { columns, rows } = terminalSize(where)
    // As in `chap top`: neither the last column nor the last row.
    painter.show(pickFrame(model, glances, { ...painting, columns: columns - 1 }, rows - 1))
  }
  const repaint = (): void => {
    painter.stop()
    void context.stderr.write(CLEAR_SCREEN)
    look()
  }
  const onKey = (key: Key): void => {
    if (key.text === 'q' || key.name === 'escape' || key.name === 'interrupt') return leave(EXIT_INTERRUPTED)
    if (key.name === 'redraw') return repaint()
    if (!NAMES.includes(key.name) && !LETTERS.includes(key.text ?? ' ')) return
    const pressed = press(model, key, { rows: 0, lines: 0 })
    model = pressed.model
    const { wish } = pressed
    const picked = wish?.kind === 'attach' ? views.find(({ id }) => id === wish.id) : undefined
    if (picked === undefined) show()
    else leave([picked])
  }

  const releases = [
    context.onSignal(SIGNALS, (signal) => leave(128 + constants.signals[signal])),
    // Its screen would be the shell's.
    context.onSignal(['SIGTSTP'], () => undefined),
    onTerminalLost(() => leave(EXIT_INTERRUPTED), where),
    onResize(repaint, where),
  ]
  await context.stderr.write(ENTER_SCREEN)
  const clock = setInterval(look, TICK_MS)
  try {
    look()
    return await left
  } finally {
    clearInterval(clock)
    for (const release of releases) release()
    painter.stop()
    await context.stderr.write(LEAVE_SCREEN)
  }
}

const waitForChoice = () => {
  let leave: (choice: Choice) => void = () => undefined
  let fail: (error: unknown) => void = () => undefined
  const left = new Promise<Choice>((resolve, reject) => {
    leave = resolve
    fail = reject
  })
  return { left, leave, fail }
}

/** @param rows as many lines come back */
export const pickFrame = (
  model: Model,
  glances: readonly Glance[],
  painting: Painting,
  rows: number,
): readonly string[] => {
  const list = listOf({ model, glances }, painting, Math.max(2, rows - FRAME_ROWS), COLUMNS)
  const foot = cutToWidth('up/down choose  enter attach  q leave: jobs go on', painting.columns)
  const lines = [
    cutToWidth('several jobs are running: attach to which?', painting.columns),
    '',
    ...list,
    ...Array.from({ length: rows }, () => ''),
  ].slice(0, rows - 1)
  return [...lines, painting.hasColor ? paint(GREY, foot) : foot]
}
