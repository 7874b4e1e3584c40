/** Ctrl-C, for commands that it detaches from a job. */
import type { GiveJob } from '../index.ts'
import type { Context } from './context.ts'
import { say } from './say.ts'
import { leave } from './terminal.ts'

export const EXIT_INTERRUPTED = 130
/** Milliseconds for what is said at the end, which nobody may read. */
const PATIENCE_MS = 1_000

/**
 * From now on, and to the end of this process, Ctrl-C aborts the signal; a second one, in whatever moment, ends nothing in the middle of a
 * word. Only where all is said and nobody takes it, a later one leaves at once.
 * @param isForwarding it goes to the job, and ends nothing here
 * @param isStarting a group half of which was started would be nobody's
 */
export const catchInterrupts = (
  context: Context,
  isForwarding = false,
  isStarting: () => boolean = () => false,
): AbortSignal => {
  const interrupt = new AbortController()
  let first: number | undefined
  context.onSignal(['SIGINT'], () => {
    if (isStarting()) {
      if (!isForwarding && !interrupt.signal.aborted)
        void say(context, 'what was begun is started first; then chap detaches')
      interrupt.abort()
      return
    }
    first ??= performance.now()
    interrupt.abort()
    if (!isForwarding && performance.now() - first > PATIENCE_MS) leave(EXIT_INTERRUPTED)
  })
  return interrupt.signal
}

/**
 * The same from the moment in which there is a job. Before, Ctrl-C ends chap as it ends any program: nothing was started, and what is read
 * then, from stdin or for a password, may never come.
 * @param giveJob the chaperone that was started ahead
 */
export const catchWhenGiven = (
  context: Context,
  giveJob: GiveJob | undefined,
  isForwarding = false,
): { readonly interrupt: () => AbortSignal; readonly giveJob: GiveJob | undefined } => {
  let caught: AbortSignal | undefined
  let isStarting = true
  const catchOnce = (): AbortSignal => {
    caught ??= catchInterrupts(context, isForwarding, () => isStarting)
    return caught
  }
  return {
    interrupt: () => {
      isStarting = false
      return catchOnce()
    },
    giveJob:
      giveJob &&
      ((paths, secret) => {
        catchOnce()
        return giveJob(paths, secret)
      }),
  }
}

/** Calls back at once where it was pressed already. */
export const onInterrupt = (interrupt: AbortSignal, callback: () => void): void => {
  if (interrupt.aborted) callback()
  else interrupt.addEventListener('abort', callback, { once: true })
}
