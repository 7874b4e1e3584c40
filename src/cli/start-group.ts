/** chap start for a group: returns when it is known how each job began. */
import type { Command } from 'commander'
import { type BegunInGroup, EXIT_CHAP, exitStatusOfJob, outcomeOf, type PutGroup } from '../index.ts'
import { beginGroup, readGroupAsked } from './begin-group.ts'
import type { GroupOptions } from './group-options.ts'
import { summarizeBegun } from './group-summary.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { printJson, say, sayProblem } from './say.ts'
import type { StartOptions } from './start-options.ts'

interface Options extends StartOptions, GroupOptions {
  readonly wait?: boolean
  readonly waitStarted?: number
}

export const startGroupOf = async (
  invocation: Invocation,
  host: string | undefined,
  command: Command,
): Promise<number | Problem> => {
  const { context } = invocation
  const { json = false, quiet = false, wait = true, waitStarted, idFile } = command.opts<Options>()
  const asked = await readGroupAsked(invocation, host, command)
  if (isProblem(asked)) return asked
  const group = await beginGroup(invocation, asked, idFile)
  if (isProblem(group)) return group
  if (!json) await context.stdout.write(`${group.id}\n`)
  const begun = await group.begun(wait ? waitStarted : 0)
  const members = group.jobs.map(({ spec: { id, host: at } }, index) => ({
    id,
    host: at,
    begun: begun[index] ?? ({ kind: 'queued' } as const),
  }))
  if (json) await printJson(context, { group: group.id, jobs: members.map(documentOf) })
  const statuses = begun.map(statusOf)
  const isWorthSaying = begun.some((one) => statusOf(one) !== 0 || (one.kind === 'pending' && one.fault !== null))
  if (!json && (isWorthSaying || (!quiet && context.stderr.isTerminal)))
    await say(context, `${group.id}: ${summarizeBegun(members)}`, `chap attach ${group.id}`)
  return Math.max(0, ...statuses, await tellError(invocation, group, json))
}

/** The jobs that there are go on; that there are fewer than wanted is a failure. @returns the exit status */
export const tellError = async ({ context }: Invocation, group: PutGroup, isJson: boolean): Promise<number> => {
  if (group.error === null) return 0
  const { message, code } = group.error as NodeJS.ErrnoException
  const problem = {
    code: 'system',
    message: `only ${group.jobs.length} jobs were made: ${message}`,
    errno: code,
  } as const
  return sayProblem(context, problem, isJson)
}

const statusOf = (begun: BegunInGroup): number => {
  if (begun.kind === 'failed') return EXIT_CHAP
  if (begun.kind !== 'certain' || outcomeOf(begun.state.job)?.kind !== 'refused') return 0
  return exitStatusOfJob(begun.state.job) ?? EXIT_CHAP
}

const documentOf = ({ id, host, begun }: { id: string; host: string | null; begun: BegunInGroup }): object => ({
  id,
  host,
  state: begun.kind === 'certain' ? begun.state.job.phase : begun.kind,
  outcome: begun.kind === 'certain' ? outcomeOf(begun.state.job) : null,
  fault: begun.kind === 'pending' ? begun.fault : null,
})
