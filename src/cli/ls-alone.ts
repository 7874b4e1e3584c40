/**
 * `chap ls` alone: a program of one file that has no other command, not even commander. It is asked for again and again, and is all start. What it
 * can't read, and whatever goes wrong before anything is shown, is left to the whole command line, which begins anew.
 */
import { attempt } from '../index.ts'
import { realContext } from './context.ts'
import { endWith } from './end.ts'
import { list } from './ls/list.ts'
import { chooseColumns, paintTable } from './ls/paint-table.ts'
import { readOptions } from './ls/read-options.ts'
import { plainOutput } from './plain-output.ts'
import { isProblem } from './problem.ts'

/** undefined: it is the other's. */
const answer = async (args: readonly string[]): Promise<number | undefined> => {
  const options = readOptions(args)
  if (options === undefined) return undefined
  const real = realContext()
  const context = { ...real, stdout: plainOutput(1, real.stdout), stderr: plainOutput(2, real.stderr) }
  const result = await attempt(() => list(context, options, async () => ({ chooseColumns, paintTable })))
  return isProblem(result) ? undefined : result
}

const answered = answer(process.argv.slice(3))
endWith(answered)

/** Nothing was shown: the whole command line is to begin (bin/chap.js). */
export const isLeft: Promise<boolean> = answered.then(
  (status) => status === undefined,
  () => false,
)
