/** Runs small programs of this machine and hears what they say. */
import { execa } from 'execa'

/** Milliseconds: none of them has reason to take longer. */
const PATIENCE_MS = 10_000

export interface Said {
  /** null: it could not be started, or was ended. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** What it said last, on stderr if it said something there. */
  readonly words: string
}

export const runProgram = async (program: string, args: readonly string[]): Promise<Said> => {
  const ended = await execa(program, args, { reject: false, stdin: 'ignore', timeout: PATIENCE_MS })
  const { exitCode, stdout, stderr } = ended
  const said = (stderr || stdout).trim().split('\n').at(-1) ?? ''
  return { status: exitCode ?? null, stdout, stderr, words: said || (ended.originalMessage ?? '') }
}
