/** `--sig-proxy`: what the terminal sends goes to the job, and ends nothing here. */
import { type Attached, ask, isSignal, readState } from '../index.ts'
import type { Context } from './context.ts'
import { safeText } from './safe-text.ts'
import { say, sayProblem } from './say.ts'

/** To the end of this process: one that comes when the job is over is nobody's. */
export const forwardSignals = (context: Context, job: Attached, interrupt: AbortSignal): void => {
  const pass = (signal: string): void => void forward(context, job, signal)
  context.onSignal(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'], pass)
  if (interrupt.aborted) pass('SIGINT')
}

/** Says where it has to wait. */
const forward = async (context: Context, { id, paths, host }: Attached, signal: string): Promise<void> => {
  const before = readState(paths.state)
  if (!isSignal(signal) || (before.ok && before.value.job.phase === 'ended')) return
  try {
    await ask(paths, { kind: 'signal', signal }, { by: context.self(), isImpatient: true })
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    await sayProblem(
      context,
      { code: 'system', message: `${id}: ${signal} is not passed on: ${message}`, errno: code },
      false,
    )
    return
  }
  const isReached = before.ok && before.value.job.link.status === 'up'
  if (!isReached)
    await say(
      context,
      `${id}: ${signal} waits for the link to ${safeText(host ?? 'this machine')}`,
      `chap kill ${id} ends it`,
    )
}
