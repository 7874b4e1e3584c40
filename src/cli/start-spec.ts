/** chap start --spec: a job by a document. Its state is printed as inspect prints it, once. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import {
  type Begun,
  documentOfJob,
  EXIT_CHAP,
  exitStatusOfJob,
  type GiveJob,
  outcomeOf,
  putOnce,
  putToWork,
  readStdin,
  type StartedJob,
  usage,
  viewJob,
} from '../index.ts'
import type { Context } from './context.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { readSpec, type SpecAsked } from './read-spec.ts'
import { printJson } from './say.ts'
import { asker } from './secrets.ts'
import type { StartOptions } from './start-options.ts'

interface Options extends StartOptions {
  readonly spec?: string
  readonly wait: boolean
  readonly waitStarted?: number
}

/** What is about the call, not about the job. */
const OF_THE_CALL: readonly string[] = ['spec', 'wait', 'waitStarted', 'idFile', 'quiet', 'json', 'dryRun']

export const startBySpec = async (
  { context, program, giveJob }: Invocation,
  host: string | undefined,
  command: Command,
): Promise<number | Problem> => {
  const stray = findStray(host, program, command)
  if (stray !== undefined)
    return usage(
      `${stray} and --spec are two ways to say it`,
      'the document has a place for everything that start can do',
    )
  const options = command.opts<Options>()
  const asked = await readSpec(context, options.spec ?? '-')
  if (isProblem(asked)) return asked
  if (options.dryRun === true) return (await import('./dry-run.ts')).showDryRun(context, asked.draft, options)
  const job = await putAsked(context, asked, giveJob)
  if (isProblem(job)) return job
  const { id } = job.spec
  if (options.idFile !== undefined) writeFileSync(options.idFile, `${id}\n`)
  const begun: Begun = options.wait ? await job.begun(options.waitStarted) : { kind: 'pending', fault: null }
  await printJson(context, documentOfJob(viewJob(job.paths, context.now())))
  if (begun.kind === 'failed') return { code: 'unattended', id, evidence: begun.evidence }
  if (begun.kind === 'pending' || outcomeOf(begun.state.job)?.kind !== 'refused') return 0
  return exitStatusOfJob(begun.state.job) ?? EXIT_CHAP
}

/** Puts it to work; under an id that was chosen only once. */
export const putAsked = (
  context: Context,
  { draft, command }: SpecAsked,
  giveJob: GiveJob | undefined,
): Promise<StartedJob | Problem> => {
  const how = { askSecret: asker(context, draft.host), giveJob }
  const stdin = (): Uint8Array | null => readStdin(context, command)
  return command.id === undefined
    ? putToWork(context, draft, stdin(), how)
    : putOnce(context, command.id, draft, stdin, how)
}

const findStray = (
  host: string | undefined,
  program: readonly string[] | null,
  command: Command,
): string | undefined => {
  if (host !== undefined) return 'a host'
  if (program !== null) return 'a command behind --'
  const typed = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
  return typed.find((option) => !OF_THE_CALL.includes(option.attributeName()))?.long
}
