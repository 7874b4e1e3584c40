/** chap start: puts a job to work, and returns when that is certain. */
import type { Command } from 'commander'
import type { Begun } from '../../index.ts'
import { beginJob, readJob } from '../begin.ts'
import { documentOfBegun, explainBegun, statusOfBegun } from '../begun-words.ts'
import { ABOUT_GROUPS, addGroupOptions, type GroupOptions, isGroup, refuseAlone } from '../group-options.ts'
import { OPTIONS_OF_CALL } from '../help.ts'
import { type Invocation, perform } from '../invocation.ts'
import { warnOfLowDisk } from '../low-disk.ts'
import { readDuration } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { printJson } from '../say.ts'
import { ABOUT_HOSTS, addStartOptions, type StartOptions } from '../start-options.ts'

interface Options extends StartOptions, GroupOptions {
  readonly spec?: string
  readonly wait: boolean
  readonly waitStarted?: number
}

const HELP = `
Prints the job's id. The job goes on whatever happens to this terminal, the network, or chap.

A document (--spec) is JSON, and the job's state is printed as JSON then. chap schema program says what may stand in it:

  {"id": "run42", "host": "gpu1",
   "program": {"argv": ["./train.sh"], "cwd": "/data",
               "env": {"SEED": "1"}}}

Examples:
  chap start gpu1 -- python train.py --epochs 10
  chap start -n nightly me@backup -c 'tar czf - /srv | wc -c'
  chap start -- make -j8                 on this machine
  chap start --every 10s --count 360 web1 -- ./probe
  chap start --host 'web[01-40]' --max-parallel 10 -- apt-get -y upgrade
  chap start --spec job.json             as the document in it says
  chap start --timeout 12h --idle-timeout 30m gpu1 -- ./train.sh
  chap start --max-output 10G gpu1 -- ./verbose.sh
  id=$(chap start gpu1 -- ./job) && chap wait "$id"`

export const configure = (command: Command, invocation: Invocation): void => {
  addGroupOptions(addStartOptions(command))
    .option('--retry-failed <group>', 'start again what failed in that group')
    .optionsGroup(OPTIONS_OF_CALL)
    .option('--spec <file>', 'what is asked is a document, see below; -: what chap reads')
    .option('--no-wait', 'return once the job is recorded')
    .option('--wait-started <duration>', 'wait no longer than this until it is certain that it began', readDuration)
    .addHelpText('after', `${ABOUT_HOSTS}\n${ABOUT_GROUPS}\n${HELP}`)
    .action((host: string | undefined, options: Options) =>
      perform(invocation, options, async () => {
        await warnOfLowDisk(invocation.context, options)
        return start(invocation, host, command)
      }),
    )
}

const start = async (invocation: Invocation, host: string | undefined, command: Command): Promise<number | Problem> => {
  const { context } = invocation
  if (command.opts<Options>().spec !== undefined)
    return (await import('../start-spec.ts')).startBySpec(invocation, host, command)
  if (isGroup(command.opts<Options>()))
    return (await import('../start-group.ts')).startGroupOf(invocation, host, command)
  const alone = refuseAlone(command.opts<Options>())
  if (alone !== undefined) return alone
  const asked = await readJob<Options>(invocation, host, command)
  if (isProblem(asked)) return asked
  const { draft, options } = asked
  if (options.dryRun === true) return (await import('../dry-run.ts')).showDryRun(context, draft, options)
  const job = await beginJob(invocation, draft, options)
  if (isProblem(job)) return job
  const { id } = job.spec
  // The id first: whatever is said about the job, its name is known.
  if (options.json !== true) await context.stdout.write(`${id}\n`)
  const begun: Begun = options.wait ? await job.begun(options.waitStarted) : { kind: 'pending', fault: null }
  if (begun.kind === 'failed') return { code: 'unattended', id, evidence: begun.evidence }
  if (options.json === true) await printJson(context, documentOfBegun(id, begun))
  else await explainBegun(context, job.spec, begun, options)
  return statusOfBegun(begun)
}
