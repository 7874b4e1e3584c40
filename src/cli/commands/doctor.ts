/** chap doctor: tries each step of reaching a host, or looks at this machine, and says what to do. */
import type { Command } from 'commander'
import { type Draft, draftJob } from '../../index.ts'
import type { Context } from '../context.ts'
import { checkHost } from '../doctor/check-host.ts'
import { checkMachine } from '../doctor/check-machine.ts'
import { ok, type Step, skip, step } from '../doctor/step.ts'
import { hintOf, labelOf } from '../doctor/words.ts'
import { OPTIONS_OF_CALL } from '../help.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'
import { wordsOfProblem } from '../problem-words.ts'
import { resolveOptions } from '../resolve.ts'
import { safeLines, safeText } from '../safe-text.ts'
import { printJson } from '../say.ts'
import { addReachOptions, type StartOptions } from '../start-options.ts'

const HELP = `
Each step is one line: ok, WARN, FAIL, or skip where it could not be tried. What is to be done stands below.
Nothing is changed there, and nothing is left behind. Exits 1 when a step fails, else 0, also with warnings.

Examples:
  chap doctor                this machine: spool, limits, agent
  chap doctor gpu1           the whole way to gpu1, step by step
  chap doctor gpu1 --json`

const ABOUT_A_JOB = ['giveUpAfter', 'timeout', 'idleTimeout', 'grace', 'shareConnection']

export const configure = (command: Command, invocation: Invocation): void => {
  addReachOptions(command.argument('[host]', 'as of start; none: this machine'))
    .optionsGroup(OPTIONS_OF_CALL)
    .option('--json', 'for programs')
  // They may stand beside the way to a host, and mean nothing here.
  for (const option of command.options) option.hidden = ABOUT_A_JOB.includes(option.attributeName())
  command
    .addHelpText('after', HELP)
    .action((host: string | undefined, options: CommonOptions) =>
      perform(invocation, options, () => examine(invocation, host, command, options)),
    )
}

const examine = async (
  { context }: Invocation,
  host: string | undefined,
  command: Command,
  { json = false }: CommonOptions,
): Promise<number | Problem> => {
  const found = await findTarget(context, host, command)
  if (isProblem(found)) return found
  const { config, draft } = found
  const at = draft?.route.kind === 'ssh' ? draft.route.destination : (host ?? 'this machine')
  const steps: Step[] = []
  const tell = async (one: Step): Promise<void> => {
    steps.push(one)
    if (!json) await context.stdout.write(formatStep(one, at))
  }
  await tell(config)
  if (host === undefined) for await (const one of checkMachine(context)) await tell(one)
  else if (draft !== undefined) for await (const one of checkHost(context, draft)) await tell(one)
  const good = steps.every(({ status }) => status !== 'fail')
  if (json) await printJson(context, { host: host ?? null, ok: good, steps: steps.map((one) => documentOf(one, at)) })
  return good ? 0 : 1
}

/** A config file that is not good is the first thing to be told, and for a host the last. */
const findTarget = async (
  context: Context,
  host: string | undefined,
  command: Command,
): Promise<{ readonly config: Step; readonly draft?: Draft } | Problem> => {
  const resolved = await resolveOptions<StartOptions>(context, command, host)
  if (isProblem(resolved)) {
    if (resolved.code !== 'config') return resolved
    const { message, hint } = wordsOfProblem(resolved)
    return { config: step('config', { status: 'fail', evidence: message, complaint: { code: 'config', hint } }) }
  }
  const path = context.config?.path ?? 'CHAP_CONFIG=none'
  if (host === undefined)
    return { config: step('config', resolved.hasConfig ? ok(path) : skip(`there is none (${path})`)) }
  const options: StartOptions = { ...resolved.options, onDisconnect: 'keep' }
  const draft = draftJob(context, host, ['true'], options)
  if (isProblem(draft)) return draft
  const what = resolved.isEntry ? `an entry of ${path}` : 'no entry: ssh knows the name, or the DNS does'
  return { config: step('config', ok(what)), draft }
}

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL', skip: 'skip' } as const
const LABEL_WIDTH = 12

const formatStep = (one: Step, at: string): string => {
  const time = one.ms === null ? '' : ` (${formatMs(one.ms)})`
  const hint = one.complaint === null ? null : hintOf(one.complaint, at)
  const indent = ' '.repeat(LABEL_WIDTH + 8)
  const line = `${MARKS[one.status]}  ${labelOf(one).padEnd(LABEL_WIDTH)}  ${safeText(one.evidence)}${time}\n`
  return hint === null ? line : `${line}${indent}hint: ${safeLines(hint).replaceAll('\n', `\n${indent}      `)}\n`
}

const formatMs = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`)

const documentOf = ({ name, status, evidence, complaint, ms }: Step, at: string): object => ({
  name,
  status,
  evidence,
  code: complaint === null ? null : complaint.code === 'fault' ? complaint.fault.code : complaint.code,
  hint: complaint === null ? null : hintOf(complaint, at),
  ms: ms === null ? null : Math.round(ms * 10) / 10,
})
