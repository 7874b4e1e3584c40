/** chap doctor: tries each step of reaching a host, or looks at this machine, and says what to do. */
import type { Command } from 'commander'
import { type Draft, draftJob } from '../../index.ts'
import { type ColorWish, hasColor } from '../color.ts'
import type { Context } from '../context.ts'
import { checkHost } from '../doctor/check-host.ts'
import { checkMachine } from '../doctor/check-machine.ts'
import { showStep, sumUp } from '../doctor/show.ts'
import { ok, type Step, skip, step } from '../doctor/step.ts'
import { hintOf } from '../doctor/words.ts'
import { OPTIONS_OF_CALL } from '../help.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { hasGlyphs } from '../ls/state-kind.ts'
import { colorOption } from '../options.ts'
import { isProblem, type Problem } from '../problem.ts'
import { wordsOfProblem } from '../problem-words.ts'
import { resolveOptions } from '../resolve.ts'
import { safeText } from '../safe-text.ts'
import { printJson, say } from '../say.ts'
import { addReachOptions, type StartOptions } from '../start-options.ts'

const HELP = `
Each step is a line: ok, WARN, FAIL, or skip where it could not be tried. What is to be done stands below.
Nothing is changed there, and nothing is left behind. Exits 1 when a step fails, else 0, also with warnings.

Examples:
  chap doctor                this machine: spool, limits, agent
  chap doctor gpu1           the whole way to gpu1, step by step
  chap doctor gpu1 --json`

interface Options extends CommonOptions {
  readonly color: ColorWish
}

const ABOUT_A_JOB = ['giveUpAfter', 'timeout', 'idleTimeout', 'grace', 'shareConnection']

export const configure = (command: Command, invocation: Invocation): void => {
  addReachOptions(command.argument('[host]', 'as of start; none: this machine'))
    .optionsGroup(OPTIONS_OF_CALL)
    .addOption(colorOption())
    .option('--json', 'for programs')
  // They may stand beside the way to a host, and mean nothing here.
  for (const option of command.options) option.hidden = ABOUT_A_JOB.includes(option.attributeName())
  command
    .addHelpText('after', HELP)
    .action((host: string | undefined, options: Options) =>
      perform(invocation, options, () => examine(invocation, host, command, options)),
    )
}

const examine = async (
  { context }: Invocation,
  host: string | undefined,
  command: Command,
  { json = false, color }: Options,
): Promise<number | Problem> => {
  const found = await findTarget(context, host, command)
  if (isProblem(found)) return found
  const { config, draft } = found
  const at = draft?.route.kind === 'ssh' ? draft.route.destination : (host ?? 'this machine')
  const steps: Step[] = []
  const { stdout, env } = context
  const showing = {
    columns: stdout.isTerminal ? stdout.columns : null,
    hasColor: !json && hasColor(context, stdout, color),
    hasGlyphs: hasGlyphs(env),
  }
  const hints = new Set<string | null>()
  const tell = async (one: Step): Promise<void> => {
    steps.push(one)
    // ssh has the last word, and often says what was said before it.
    const hint = one.complaint === null ? null : hintOf(one.complaint, at)
    if (!json) await stdout.write(showStep(one, hints.has(hint) ? null : hint, showing))
    hints.add(hint)
  }
  await tell(config)
  if (host === undefined) for await (const one of checkMachine(context)) await tell(one)
  else if (draft !== undefined) for await (const one of checkHost(context, draft)) await tell(one)
  const good = steps.every(({ status }) => status !== 'fail')
  if (json) await printJson(context, { host: host ?? null, ok: good, steps: steps.map((one) => documentOf(one, at)) })
  else if (context.stderr.isTerminal) await say(context, `${safeText(at)}: ${sumUp(steps)}`)
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

const documentOf = ({ name, status, evidence, complaint, ms }: Step, at: string): object => ({
  name,
  status,
  evidence,
  code: complaint === null ? null : complaint.code === 'fault' ? complaint.fault.code : complaint.code,
  hint: complaint === null ? null : hintOf(complaint, at),
  ms: ms === null ? null : Math.round(ms * 10) / 10,
})
