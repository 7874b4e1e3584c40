/** One call of chap: its world, the words after `--`, and where its exit status goes. */

import { attempt, type GiveJob } from '../index.ts'
import type { Context } from './context.ts'
import { isProblem, type Problem } from './problem.ts'
import { sayProblem } from './say.ts'

export interface Invocation {
  readonly context: Context
  /** What follows `--`, exactly; null: there is no `--`. */
  readonly program: readonly string[] | null
  readonly exitWith: (status: number) => void
  /** The chaperone that was started ahead, for a command that puts a job to work. */
  readonly giveJob: GiveJob | undefined
}

/** What every command understands. */
export interface CommonOptions {
  readonly json?: boolean
}

/** Does the command's work, and says why when it could not be done. */
export const perform = async (
  { context, exitWith }: Invocation,
  { json = false }: CommonOptions,
  work: () => Promise<number | Problem> | number | Problem,
): Promise<void> => {
  const result = await attempt(work)
  exitWith(isProblem(result) ? await sayProblem(context, result, json) : result)
}
