/** The terminal itself, for what paints all of it; context.ts has what other commands need of it. */

/** Its size; 80 by 24 where it does not say. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

export const terminalSize = (): Size => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 })

/** @returns how to stop */
export const onResize = (callback: () => void): (() => void) => {
  process.stdout.on('resize', callback)
  return () => void process.stdout.off('resize', callback)
}

/** Another screen instead of the one with the shell's lines, without a cursor; a line that is too long is cut. */
export const ENTER_SCREEN = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J'
export const CLEAR_SCREEN = '\u001b[H\u001b[2J'
export const LEAVE_SCREEN = '\u001b[?7h\u001b[?25h\u001b[?1049l'

/** Stops this process as Ctrl-Z does; returns when it goes on. */
export const suspend = (): void => void process.kill(process.pid, 'SIGSTOP')

/** Nobody sees what is written, and no key comes any more. @returns how to stop */
export const onTerminalLost = (callback: () => void): (() => void) => {
  process.stdout.on('error', callback)
  process.stdin.on('error', callback).on('end', callback)
  return () => {
    process.stdout.off('error', callback)
    process.stdin.off('error', callback).off('end', callback)
  }
}

export const hasKeys = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true

/** Resolves when a line is typed, or no more can come. */
export const untilEnter = async (): Promise<void> => {
  await new Promise<void>((resolve) => {
    process.stdin.once('data', () => resolve()).once('end', resolve)
    // Ink let go of it: else nothing would keep this process here.
    process.stdin.ref().resume()
  })
  process.stdin.pause()
}
