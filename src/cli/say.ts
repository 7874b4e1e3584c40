/** What chap says, always on stderr: lines that begin with `chap:`, and a `hint:` with what to do. */
import type { Context } from './context.ts'
import { exitStatusOfProblem, type Problem } from './problem.ts'
import { wordsOfProblem } from './problem-words.ts'
import type { Words } from './words.ts'

export const say = async (context: Context, message: string, hint: string | null = null): Promise<void> => {
  await context.stderr.write(`chap: ${message}\n${hint === null ? '' : `hint: ${hint}\n`}`)
}

export const sayWords = (context: Context, prefix: string, { message, hint }: Words): Promise<void> =>
  say(context, `${prefix}${message}`, hint)

/** @returns the exit status */
export const sayProblem = async (context: Context, problem: Problem, isJson: boolean): Promise<number> => {
  const { message, hint } = wordsOfProblem(problem)
  if (isJson) await context.stderr.write(`${JSON.stringify({ error: { code: problem.code, message, hint } })}\n`)
  else await say(context, message, hint)
  return exitStatusOfProblem(problem)
}

export const printJson = (context: Context, value: unknown): Promise<boolean> =>
  context.stdout.write(`${JSON.stringify(value, null, context.stdout.isTerminal ? 2 : 0)}\n`)
