// The library as a program has it: built, imported by its name, in a spool of the test's own.
import { isProblem, type Problem } from 'chap-jobs'
import { makeSpool, type Spool } from './spool.ts'

/** A spool that this process works in as its own. A file's tests share it: the environment is the process's. */
export const enterSpool = async (): Promise<Spool> => {
  const spool = await makeSpool()
  Object.assign(process.env, spool.env)
  return spool
}

/** The result; a problem fails the test. */
export const good = <T>(result: T | Problem): Exclude<T, Problem> => {
  if (isProblem(result)) throw new Error(`a problem: ${JSON.stringify(result)}`)
  return result as Exclude<T, Problem>
}
