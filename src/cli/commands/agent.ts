/** chap agent: the chaperone of one job, in the foreground. */
import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import {
  type AskedJob,
  documentOfJob,
  type GiveJob,
  type JobPaths,
  jobOf,
  newRequestId,
  problemOfTrouble,
  putRequest,
  ringDoorbell,
  type StartedJob,
  serveHere,
  usage,
  viewJob,
  waitForJobs,
} from '../../index.ts'
import { concludeEnd } from '../attach-job.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'
import { readSpec } from '../read-spec.ts'
import { printJson, say } from '../say.ts'
import { recoveryOf } from '../secrets.ts'
import { putAsked } from '../start-spec.ts'

const HELP = `
Runs the program of a document on this machine, and is its chaperone: keeps its output in the spool, calls back, and ends when nothing
is left to do. Prints the job's state once, when the program has begun, and exits as the program does (128+n when a signal ended it).

SIGTERM and SIGINT go to the program with all that it started, and after its grace SIGKILL; SIGHUP does nothing. When the program has
ended, they end the agent, with the program's status: what is not delivered by then is kept for chap recover or chap deliver. When the agent
itself is killed, the program goes on, and its job is like any other without its chaperone: chap recover, or chap agent with the
same document and the same id in it.

Examples:
  chap agent <program.json
  echo '{"program": {"argv": ["make", "test"], "cwd": "/src"}}' | chap agent`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .argument('[file]', 'the document, see chap start --help; -: what chap reads', '-')
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((file: string, options: CommonOptions) =>
      perform(invocation, options, () => serveDocument(invocation.context, file, options.json ?? false)),
    )
}

const serveDocument = async (context: Context, file: string, isJson: boolean): Promise<number | Problem> => {
  const asked = await readSpec(context, file, (one) => keepHere(context, one))
  if (isProblem(asked)) return asked
  // Not before: reading blocks, and nobody would hear of a signal.
  const wishes = passSignals(context)
  // Another chaperone may be there: then there is nothing to serve.
  let served = Promise.resolve()
  const serve: GiveJob = (paths) => {
    served = serveHere(paths.dir, wishes.onOwned)
    return new Promise((resolve) => served.catch((error: Error) => resolve(error.message)))
  }
  const job = await putAsked(context, asked, serve)
  if (isProblem(job)) return job
  wishes.goTo(job)
  const begun = await job.begun()
  const { id } = job.spec
  await printJson(context, documentOfJob(viewJob(job.paths, context.now())))
  if (begun.kind === 'failed') return { code: 'unattended', id, evidence: begun.evidence }
  await served
  const [waited] = await waitForJobs([job.paths], { until: 'all', recovery: () => recoveryOf(context, id, null) })
  if (waited === undefined || waited.kind !== 'ended') return problemOfTrouble(id, waited ?? { kind: 'gone' })
  return concludeEnd(context, jobOf(viewJob(job.paths, context.now())), waited.state, isJson)
}

/** A host that is this machine is none. */
const keepHere = (context: Context, asked: AskedJob): AskedJob | Problem => {
  const { host, ...command } = asked.command
  if (host === undefined || host === 'localhost' || host === context.self().host) return { ...asked, command }
  return usage(
    `an agent runs its program on this machine, and the document names the host ${host}`,
    'chap start --spec runs it there',
  )
}

interface Wishes {
  readonly goTo: (job: StartedJob) => void
  readonly onOwned: (leave: () => void) => void
}

/** Signals that come before there is a job wait for it. Of one that has ended nothing can be stopped: what is left is left to the next chaperone. */
const passSignals = (context: Context): Wishes => {
  const early: NodeJS.Signals[] = []
  let job: StartedJob | undefined
  let leave: (() => void) | undefined
  const pass = (signal: NodeJS.Signals): void => {
    if (job === undefined) early.push(signal)
    else if (viewJob(job.paths, context.now()).verdict !== 'ended')
      askToStop(context, job.paths, signal, job.spec.limits.grace)
    else if (leave !== undefined) {
      const { id } = job.spec
      void say(
        context,
        `${signal}: ${id} has ended, and what is left to do for it is kept`,
        `chap recover ${id} does it`,
      )
      leave()
      leave = undefined
    }
  }
  context.onSignal(['SIGTERM', 'SIGINT'], pass)
  return {
    onOwned: (how) => {
      leave = how
    },
    goTo: (started) => {
      job = started
      for (const signal of early) pass(signal)
    },
  }
}

/** It is on disk then, and carried out by whoever is the job's chaperone. */
const askToStop = (context: Context, paths: JobPaths, signal: NodeJS.Signals, grace: number): void => {
  const now = new Date(context.now())
  const id = newRequestId(now, randomBytes(4).toString('hex'))
  try {
    putRequest(paths, {
      ...{ id, time: now.toISOString(), by: context.self() },
      ...{ kind: 'stop', signal: signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM', grace },
    })
    ringDoorbell(paths.doorbell)
  } catch (error) {
    void say(context, `${signal} could not be passed on: ${(error as Error).message}`)
  }
}
