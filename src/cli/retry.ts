/** --retry-failed: what failed in a group, asked again. */
import type { Command } from 'commander'
import { draftRetry, type GroupDraft, readEnvironment, usage } from '../index.ts'
import { readTokenOption } from './callback-options.ts'
import type { GroupOptions } from './group-options.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import type { StartOptions } from './start-options.ts'

/** What may be said anew: all else is as it was. */
const OPTIONS: readonly string[] = [
  ...['retryFailed', 'env', 'callbackTokenFile', 'maxParallel', 'failFast'],
  ...['json', 'quiet', 'idFile', 'wait', 'waitStarted', 'sigProxy'],
]

export const readRetry = ({ context, program }: Invocation, name: string, command: Command): GroupDraft | Problem => {
  const options = command.opts<StartOptions & GroupOptions>()
  const other = command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' && !OPTIONS.includes(option.attributeName()),
  )
  if (other !== undefined || program !== null)
    return usage(`--retry-failed takes everything from the group, also ${other?.long ?? 'the command'}`)
  const env = readEnvironment(context, options.env ?? [])
  if (isProblem(env)) return env
  const token = readTokenOption(context, options)
  if (isProblem(token)) return token
  const { maxParallel, failFast } = options
  return draftRetry(context, name, { env, ...token, maxParallel, failFast })
}
