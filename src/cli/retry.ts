/** --retry-failed: what failed in a group, asked again. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import {
  checkOwnSpool,
  type Draft,
  exitStatusOfJob,
  findGroup,
  type JobView,
  readEnvironment,
  usage,
} from '../index.ts'
import { readTokenFile } from './callback-options.ts'
import type { Context } from './context.ts'
import type { GroupAsked, GroupOptions } from './group-options.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { wordsOfReadFault } from './problem-words.ts'
import { safeText } from './safe-text.ts'
import type { StartOptions } from './start-options.ts'

/** What may be said anew: all else is as it was. */
const OPTIONS: readonly string[] = [
  ...['retryFailed', 'env', 'maxParallel', 'failFast', 'callbackTokenFile'],
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
  const { callbackTokenFile: file } = options
  const token = file === undefined ? null : readTokenFile(context.cwd(), file)
  if (isProblem(token)) return token
  const drafts: { draft: Draft; stdin: Uint8Array | null }[] = []
  for (const view of failed) {
    const draft = redraft(context, view, given)
    if (isProblem(draft)) return draft
    // It is not kept, no more than the environment's values are.
    const callbackToken = draft.callback === null ? null : token
    drafts.push({ draft: { ...draft, callbackToken }, stdin: draft.hasStdin ? readFileSync(view.paths.stdin) : null })
  }
  const before = drafts[0]?.draft.group
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

/** As it was, by who asks now. The values of its environment are not kept: they are given again. */
const redraft = (context: Context, { id, spec }: JobView, given: Readonly<Record<string, string>>): Draft | Problem => {
  if (!spec.ok) return usage(`${id} can't be started again: ${wordsOfReadFault(spec.fault)}`)
  const { id: _, nonce: __, ...before } = spec.value
  const missing = Object.keys(before.env).filter((name) => !Object.hasOwn(given, name))
  if (missing.length > 0)
    return usage(
      `${id} can't be started again without ${missing.join(', ')}: values of the environment are not kept`,
      `give them again: ${missing.map((name) => `--env ${name}=...`).join(' ')}`,
    )
  const { user, host } = context.self()
  return { ...before, env: given, created: { time: new Date(context.now()).toISOString(), host, user } }
}
