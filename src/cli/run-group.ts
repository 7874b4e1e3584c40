/** chap run for a group: starts it, and follows all of its jobs. */
import type { Command } from 'commander'
import { usage, viewJob } from '../index.ts'
import { attachGroup } from './attach-group.ts'
import { beginGroup, readGroupAsked } from './begin-group.ts'
import type { ColorWish } from './color.ts'
import type { GroupOptions } from './group-options.ts'
import { catchWhenGiven } from './interrupt.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { say } from './say.ts'
import { tellError } from './start-group.ts'
import type { StartOptions } from './start-options.ts'

interface Options extends StartOptions, GroupOptions {
  readonly sigProxy?: boolean
  readonly fold?: boolean
  readonly color: ColorWish
}

export const runGroup = async (
  invocation: Invocation,
  host: string | undefined,
  command: Command,
): Promise<number | Problem> => {
  const { context } = invocation
  const {
    json = false,
    quiet = false,
    sigProxy = false,
    fold: isFolded = false,
    color,
    idFile,
  } = command.opts<Options>()
  if (sigProxy) return usage('--sig-proxy is for one job', 'chap kill -s INT GROUP sends it to all')
  if (isFolded && json) return usage('--fold does not go with --json')
  const asked = await readGroupAsked(invocation, host, command)
  if (isProblem(asked)) return asked
  const { interrupt, giveJob } = catchWhenGiven(context, invocation.giveJob)
  const group = await beginGroup({ ...invocation, giveJob }, asked, idFile)
  if (isProblem(group)) return group
  if (!quiet && context.stderr.isTerminal) await say(context, `${group.id} begins: ${group.jobs.length} jobs`)
  const views = group.jobs.map(({ paths }) => viewJob(paths, context.now()))
  const status = await attachGroup(context, views, {
    streams: ['stdout', 'stderr'],
    color,
    hasTime: false,
    isFolded,
    isJson: json,
    isStrict: false,
    from: () => ({ stdout: 0, stderr: 0 }),
    interrupt: interrupt(),
  })
  return Math.max(status, await tellError(invocation, group, json))
}
