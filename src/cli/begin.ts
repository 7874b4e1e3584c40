/** What start and run do alike: read what was asked, and put it to work. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Draft, draftJob, putToWork, type StartedJob } from '../index.ts'
import { readCallbackWords } from './callback-options.ts'
import type { Config } from './config/parse.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { loadConfig, resolveWith } from './resolve.ts'
import { asker } from './secrets.ts'
import type { StartOptions } from './start-options.ts'

/** What was asked, by the command line and the config file. */
export const readJob = async <Options extends StartOptions>(
  invocation: Invocation,
  host: string | undefined,
  command: Command,
): Promise<{ readonly draft: Draft; readonly options: Options } | Problem> => {
  const config = await loadConfig(invocation.context)
  return isProblem(config) ? config : readJobWith(invocation, config, host, command)
}

export const readJobWith = <Options extends StartOptions>(
  { context, program }: Invocation,
  config: Config | null,
  host: string | undefined,
  command: Command,
): { readonly draft: Draft; readonly options: Options } | Problem => {
  const resolved = resolveWith<Options>(config, command, host)
  if (isProblem(resolved)) return resolved
  const { options } = resolved
  const callback = readCallbackWords(context, options)
  if (isProblem(callback)) return callback
  const draft = draftJob(context, host, program, { ...options, ...callback })
  return isProblem(draft) ? draft : { draft, options }
}

export const beginJob = async (
  { context, giveJob }: Invocation,
  draft: Draft,
  options: StartOptions,
): Promise<StartedJob | Problem> => {
  const stdin =
    options.stdin === undefined ? null : draft.stdinOpen ? new Uint8Array() : context.readInput(options.stdin)
  const job = await putToWork(context, draft, stdin, { askSecret: asker(context, draft.host), giveJob })
  if (isProblem(job)) return job
  if (options.idFile !== undefined) writeFileSync(options.idFile, `${job.spec.id}\n`)
  return job
}
