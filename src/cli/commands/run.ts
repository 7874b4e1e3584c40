/** chap run: start, then attach. */
import type { Command } from 'commander'
import { attachJob } from '../attach-job.ts'
import { beginJob, readJob } from '../begin.ts'
import { ABOUT_GROUPS, addGroupOptions, type GroupOptions, isGroup, refuseAlone } from '../group-options.ts'
import { OPTIONS_OF_CALL } from '../help.ts'
import { catchWhenGiven } from '../interrupt.ts'
import { type Invocation, perform } from '../invocation.ts'
import { warnOfLowDisk } from '../low-disk.ts'
import { colorOption } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { say } from '../say.ts'
import { ABOUT_HOSTS, addStartOptions, type StartOptions } from '../start-options.ts'

interface Options extends StartOptions, GroupOptions {
  readonly sigProxy?: boolean
}

const HELP = `
Exits with the job's own status (128+n when a signal ended it, 124 when a timer did). Ctrl-C detaches: the job goes on.
With --stdin open, what is typed or piped here goes to the job, line by line; Ctrl-D ends its stdin.

Examples:
  chap run gpu1 -- nvidia-smi
  chap run --host 'web[01-40]' -- uptime
  chap run build -c 'make test 2>&1 | tail -5'`

export const configure = (command: Command, invocation: Invocation): void => {
  addGroupOptions(addStartOptions(command))
    .optionsGroup(OPTIONS_OF_CALL)
    .option('--sig-proxy', 'pass Ctrl-C and SIGTERM on to the job instead of detaching')
    .option('--fold', 'of several, when all have ended: hosts that said the same once, as a set')
    .addOption(colorOption())
    .addHelpText('after', `${ABOUT_HOSTS}\n${ABOUT_GROUPS}\n${HELP}`)
    .action((host: string | undefined, options: Options) =>
      perform(invocation, options, async () => {
        await warnOfLowDisk(invocation.context, options)
        return run(invocation, host, command)
      }),
    )
}

const run = async (invocation: Invocation, host: string | undefined, command: Command): Promise<number | Problem> => {
  const { context } = invocation
  if (isGroup(command.opts<Options>())) return (await import('../run-group.ts')).runGroup(invocation, host, command)
  const alone = refuseAlone(command.opts<Options>())
  if (alone !== undefined) return alone
  const asked = await readJob<Options>(invocation, host, command)
  if (isProblem(asked)) return asked
  const { draft, options } = asked
  if (options.dryRun === true) return (await import('../dry-run.ts')).showDryRun(context, draft, options)
  const { sigProxy = false, json = false } = options
  const { interrupt, giveJob } = catchWhenGiven(context, invocation.giveJob, sigProxy)
  const job = await beginJob({ ...invocation, giveJob }, draft, options)
  if (isProblem(job)) return job
  const { paths, spec } = job
  if (options.quiet !== true && context.stderr.isTerminal) await say(context, `${spec.id} begins`)
  const takesInput = spec.stdinOpen
  return attachJob(
    context,
    { id: spec.id, paths, host: spec.host, limits: spec.limits },
    { from: { stdout: 0, stderr: 0 }, interrupt: interrupt(), sigProxy, isJson: json, takesInput },
  )
}
