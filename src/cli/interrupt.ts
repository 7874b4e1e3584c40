/** Ctrl-C, for commands that it detaches from a job. */
import type { Context } from './context.ts'
import { say } from './say.ts'

export const EXIT_INTERRUPTED = 130

/**
 * From now on, and to the end of this process, Ctrl-C does nothing but to abort the signal: a second one, in whatever moment, ends nothing
 * in the middle of a word.
 */
export const catchInterrupts = (context: Context): AbortSignal => {
  const interrupt = new AbortController()
  context.onSignal(['SIGINT'], () => interrupt.abort())
  return interrupt.signal
}

/** Calls back at once where it was pressed already. */
export const onInterrupt = (interrupt: AbortSignal, callback: () => void): void => {
  if (interrupt.aborted) callback()
  else interrupt.addEventListener('abort', callback, { once: true })
}

/** It was pressed before there was a job. @returns the exit status */
export const sayNothingBegan = async (context: Context): Promise<number> => {
  await say(context, 'interrupted before there was a job: nothing was started')
  return EXIT_INTERRUPTED
}
