/** How much of a command's output is kept, or how much it may write. */
import type { Limits } from '../domain/spec.ts'
import type { DraftOptions } from './command.ts'
import { type Problem, usage } from './problem.ts'

/** Bytes: a pebibyte, which every awk can still count. */
const MOST = 1024 ** 5
/** Of which a quarter is kept of each end, in whole blocks. */
const LEAST_KEPT = 65_536

export const readMaxOutput = (options: DraftOptions): Pick<Limits, 'maxOutput' | 'onMaxOutput'> | Problem => {
  const { maxOutput = null, onMaxOutput = 'keep' } = options
  if (maxOutput === null)
    return options.onMaxOutput === undefined
      ? { maxOutput, onMaxOutput }
      : usage('--on-max-output is about --max-output, and there is none')
  return findMisfit(maxOutput, onMaxOutput, options) ?? { maxOutput, onMaxOutput }
}

const findMisfit = (
  maxOutput: number,
  onMaxOutput: 'keep' | 'kill',
  { plain = false, onDisconnect, callback, logFile }: DraftOptions,
): Problem | undefined => {
  if (plain) return usage("--max-output can't be kept with --plain: nothing of chap runs there")
  if (onDisconnect === 'kill')
    return usage(
      '--max-output needs output that is stored there, and --on-disconnect kill stores none',
      '--timeout limits its whole run',
    )
  if (maxOutput < 1 || maxOutput > MOST) return usage('--max-output is one byte at least, and a pebibyte at the most')
  if (onMaxOutput === 'kill') return undefined
  if (maxOutput < LEAST_KEPT)
    return usage('--max-output keeps 64k at least', '--on-max-output kill ends it with any number')
  // They promise each byte and each line.
  const whole = callback === undefined ? (logFile === undefined ? undefined : '--log-file') : '--callback'
  return whole === undefined
    ? undefined
    : usage(
        `${whole} brings all of the output, and --max-output may not keep all`,
        '--on-max-output kill ends it instead',
      )
}
