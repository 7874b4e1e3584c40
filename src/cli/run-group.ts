/** chap run for a group: starts it, and follows all of its jobs. */
import type { Command } from 'commander'
import { usage } from '../library/problem.ts'
import { attachGroup } from './attach-group.ts'
import { beginGroup, readGroupAsked } from './begin-group.ts'
import type { GroupOptions } from './group-options.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { say } from './say.ts'
import { tellError } from './start-group.ts'
import type { StartOptions } from './start-options.ts'

interface Options extends StartOptions, GroupOptions {
  readonly sigProxy?: boolean
}

export const runGroup = async (
  invocation: Invocation,
  host: string | undefined,
  command: Command,
): Promise<number | Problem> => {
  const { context } = invocation
  const { json = false, quiet = false, sigProxy = false, idFile } = command.opts<Options>()
  if (sigProxy) return usage('--sig-proxy is for one job', 'chap kill -s INT GROUP sends it to all')
  const asked = await readGroupAsked(invocation, host, command)
  if (isProblem(asked)) return asked
  const group = await beginGroup(invocation, asked, idFile)
  if (isProblem(group)) return group
  if (!quiet && context.stderr.isTerminal) await say(context, `${group.id} begins: ${group.jobs.length} jobs`)
  const members = group.jobs.map(({ spec, paths }) => ({ id: spec.id, host: spec.host, group: spec.group, paths }))
  const status = await attachGroup(context, members, json)
  return Math.max(status, await tellError(invocation, group, json))
}
