/** What start and run do alike: read what was asked, and put it to work. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import {
  type CallbackOptions,
  type Draft,
  digestAsked,
  draftJob,
  putOnce,
  putToWork,
  readEnvironment,
  type StartedJob,
  usage,
} from '../index.ts'
import { readCallbackWords } from './callback-options.ts'
import type { Config } from './config/parse.ts'
import type { Context } from './context.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { loadConfig, readTyped, resolveWith } from './resolve.ts'
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
  if (isProblem(draft)) return draft
  const asked = digestTyped(context, host, program, command, callback)
  return isProblem(asked) ? asked : { draft: { ...draft, asked }, options }
}

/** What was typed, for telling whether it is the same when it is asked again under the same id; null: no id was chosen. */
const digestTyped = (
  context: Context,
  host: string | undefined,
  program: readonly string[] | null,
  command: Command,
  callback: { readonly callback?: CallbackOptions },
): Draft['asked'] | Problem => {
  const { id, stdin } = command.opts<StartOptions>()
  if (id === undefined) return null
  if (stdin === '-') return usage('--id with --stdin -: what chap reads is another thing each time', 'give it a file')
  const { typed } = readTyped(command)
  const { env: given, command: line, callback: _, ...options } = typed as Partial<StartOptions>
  const env = readEnvironment(context, given ?? [])
  if (isProblem(env)) return env
  return digestAsked(id, {
    ...options,
    ...callback,
    ...(stdin === undefined || stdin === 'open' ? {} : { stdin: resolve(context.cwd(), stdin) }),
    ...(host === undefined ? {} : { host }),
    program: program ?? line ?? '',
    env,
  })
}

export const beginJob = async (
  { context, giveJob }: Invocation,
  draft: Draft,
  options: StartOptions,
): Promise<StartedJob | Problem> => {
  const stdin = (): Uint8Array | null =>
    options.stdin === undefined ? null : draft.stdinOpen ? new Uint8Array() : context.readInput(options.stdin)
  const how = { askSecret: asker(context, draft.host), giveJob }
  const job = await (options.id === undefined
    ? putToWork(context, draft, stdin(), how)
    : putOnce(context, options.id, draft, stdin, how))
  if (isProblem(job)) return job
  if (options.idFile !== undefined) writeFileSync(options.idFile, `${job.spec.id}\n`)
  return job
}
