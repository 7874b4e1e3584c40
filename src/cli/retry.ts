/** --retry-failed: what failed in a group, asked again. */
import type { Command } from 'commander'
import {
  checkOwnSpool,
  exitStatusOfJob,
  findGroup,
  type JobView,
  type Redraft,
  readEnvironment,
  redraft,
  usage,
} from '../index.ts'
import type { Context } from './context.ts'
import type { GroupAsked, GroupOptions } from './group-options.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { safeText } from './safe-text.ts'
import type { StartOptions } from './start-options.ts'

/** What may be said anew: all else is as it was. */
const OPTIONS: readonly string[] = [
  ...['retryFailed', 'env', 'maxParallel', 'failFast'],
  ...['json', 'quiet', 'idFile', 'wait', 'waitStarted', 'sigProxy'],
]

export const readRetry = ({ context, program }: Invocation, name: string, command: Command): GroupAsked | Problem => {
  const options = command.opts<StartOptions & GroupOptions>()
  const other = command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' && !OPTIONS.includes(option.attributeName()),
  )
  if (other !== undefined || program !== null)
    return usage(`--retry-failed takes everything from the group, also ${other?.long ?? 'the command'}`)
  const failed = findFailed(context, name)
  if (isProblem(failed)) return failed
  const given = readEnvironment(context, options.env ?? [])
  if (isProblem(given)) return given
  const drafts: Redraft[] = []
  for (const view of failed) {
    const again = redraft(context, view, given)
    if (isProblem(again)) return again
    drafts.push(again)
  }
  const before = failed[0]?.spec.ok ? failed[0].spec.value.group : null
  return {
    drafts,
    options: {
      maxParallel: options.maxParallel ?? before?.maxParallel ?? null,
      failFast: options.failFast ?? before?.failFast ?? false,
      retryOf: name,
    },
  }
}

const findFailed = (context: Context, name: string): readonly JobView[] | Problem => {
  const unsafe = checkOwnSpool(context)
  if (unsafe !== undefined) return unsafe
  const views = findGroup(context.spool, name, context.now())
  if (views === undefined) return usage(`there is no group ${safeText(name)}`, 'chap ls -a shows jobs and their groups')
  const failed = views.filter(({ state }) => state.ok && (exitStatusOfJob(state.value.job) ?? 0) !== 0)
  if (failed.length > 0) return failed
  const left = views.filter(({ verdict }) => verdict !== 'ended').length
  return usage(
    `no job of ${name} has failed`,
    left > 0 ? `${left} of them have not ended: chap wait ${name}` : undefined,
  )
}
