/** What is typed or piped here goes to the job's stdin, while its output is followed. */
import { type JobPaths, problemOfSent, sendInput } from '../index.ts'
import type { Context } from './context.ts'
import { sayProblem } from './say.ts'

/** Line by line from a terminal, as it comes from a pipe; the end of input ends stdin. Says why when no more is taken. */
export const forwardInput = async (context: Context, id: string, paths: JobPaths, isJson: boolean): Promise<void> => {
  try {
    const sent = await sendInput(paths, context.input(), true, { by: context.self() })
    // Of a job that has ended, or is gone, whoever follows it hears.
    if (sent.last.kind !== 'closed' && sent.last.kind !== 'invalid') return
    const problem = problemOfSent(id, sent, 0)
    if (problem !== undefined) await sayProblem(context, problem, isJson)
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    await sayProblem(context, { code: 'system', message: `input is not passed on: ${message}`, errno: code }, isJson)
  }
}
