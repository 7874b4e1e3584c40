/** The terminal itself, for what paints all of it; context.ts has what other commands need of it. */

import type { Context } from './context.ts'

/** Its size; 80 by 24 where it does not say. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

type Where = 'stdout' | 'stderr'

export const terminalSize = (where: Where = 'stdout'): Size => ({
  columns: process[where].columns || 80,
  rows: process[where].rows || 24,
})

/** @returns how to stop */
export const onResize = (callback: () => void, where: Where = 'stdout'): (() => void) => {
  process[where].on('resize', callback)
  return () => void process[where].off('resize', callback)
}

/** Another screen instead of the one with the shell's lines, without a cursor; a line that is too long is cut. */
export const ENTER_SCREEN = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J'
export const CLEAR_SCREEN = '\u001b[H\u001b[2J'
export const LEAVE_SCREEN = '\u001b[?7h\u001b[?25h\u001b[?1049l'

/** Stops this process as Ctrl-Z does; returns when it goes on. */
export const suspend = (): void => void process.kill(process.pid, 'SIGSTOP')

/** Ends this process as the signal does that nobody catches. */
export const dieOf = (signal: NodeJS.Signals): void => void process.kill(process.pid, signal)

/** Ends this process at once, whatever it waits for. */
export const leave = (status: number): void => process.exit(status)

/** Nobody sees what is written, and no key comes any more. @returns how to stop */
export const onTerminalLost = (callback: () => void, where: Where = 'stdout'): (() => void) => {
  process[where].on('error', callback)
  process.stdin.on('error', callback).on('end', callback)
  return () => {
    process[where].off('error', callback)
    process.stdin.off('error', callback).off('end', callback)
  }
}

export const hasKeys = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true

/** Is somebody there to choose? What is chosen may go anywhere. */
export const canPick = ({ stderr }: Pick<Context, 'stderr'>): boolean =>
  process.stdin.isTTY === true && stderr.isTerminal

/** Resolves when a line is typed, or no more can come. */
export const untilEnter = async (): Promise<void> => {
  await new Promise<void>((resolve) => {
    process.stdin.once('data', () => resolve()).once('end', resolve)
    // Ink let go of it: else nothing would keep this process here.
    process.stdin.ref().resume()
  })
  process.stdin.pause()
}
