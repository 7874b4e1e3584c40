/** How much a command may write. */
import type { DraftOptions } from './command.ts'
import { type Problem, usage } from './problem.ts'

/** Bytes: a pebibyte, which every awk can still count. */
const MOST = 1024 ** 5

/** null: as much as it likes. */
export const readMaxOutput = ({ maxOutput, plain = false, onDisconnect }: DraftOptions): number | null | Problem => {
  if (maxOutput === undefined) return null
  if (plain) return usage("--max-output can't be kept with --plain: nothing of chap runs there")
  if (onDisconnect === 'kill')
    return usage(
      '--max-output needs output that is stored there, and --on-disconnect kill stores none',
      '--timeout limits its whole run',
    )
  return maxOutput >= 1 && maxOutput <= MOST
    ? maxOutput
    : usage('--max-output is one byte at least, and a pebibyte at the most')
}
