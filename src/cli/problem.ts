/** Why a command can't do what was asked: the library's problems, and those of the command line's own. The words are in words.ts. */
import type { Problem as LibraryProblem } from '../index.ts'
import type { ConfigFault } from './config/fault.ts'

export type Problem =
  | LibraryProblem
  | { readonly code: 'config'; readonly fault: ConfigFault }
  /** What starts programs with this machine can't be had, or says no. */
  | { readonly code: 'autostart'; readonly message: string; readonly hint: string | null }

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value

/** The exit status that says so. */
export const exitStatusOfProblem = (problem: Problem): number => {
  switch (problem.code) {
    case 'usage':
    case 'document':
    case 'no_json':
    case 'id_taken':
    case 'node_set':
    case 'stdin_not_open':
    case 'config':
    case 'several_running':
    case 'none_running':
    case 'no_such_job':
    case 'ambiguous':
    case 'no_such_run':
      return 2
    case 'secret':
      return problem.id === null ? 2 : 125
    case 'timed_out':
      return 124
    default:
      return 125
  }
}
