/** chap autostart: has chap recover --all run when this machine starts. */
import { Argument, type Command, Option } from 'commander'
import { chooseKind, findInstalled, lingers, startersHere } from '../autostart/choose.ts'
import { starterOf } from '../autostart/starter.ts'
import { KINDS, type Kind, taskOf, textOf } from '../autostart/task.ts'
import type { Context } from '../context.ts'
import { type CommonOptions, type Invocation, perform } from '../invocation.ts'
import { isProblem, type Problem } from '../problem.ts'
import { safeText } from '../safe-text.ts'
import { printJson, say } from '../say.ts'

interface Options extends CommonOptions {
  readonly by?: Kind
}

type What = 'enable' | 'disable' | 'status' | 'show'

const HELP = `
A job outlives its chaperone; after a restart of this machine it waits for a new one, which attach, wait, kill and recover give it. enable has
chap recover --all do so by itself: as a systemd user unit where systemd runs, else by cron's @reboot, on macOS as a launch agent (at login).
disable removes just that. show prints what enable would install; status exits 1 when nothing is installed.

A systemd user unit runs at boot only for users that linger: loginctl enable-linger.

Examples:
  chap autostart enable
  chap autostart show --by cron     the line for crontab -e
  chap autostart status`

export const configure = (command: Command, invocation: Invocation): void => {
  command
    .addArgument(new Argument('<what>', 'what is to be done').choices(['enable', 'disable', 'status', 'show']))
    .addOption(new Option('--by <what>', 'what starts it (default: what is here)').choices(KINDS))
    .option('--json', 'for programs')
    .addHelpText('after', HELP)
    .action((what: What, options: Options) =>
      perform(invocation, options, () => DEEDS[what](invocation.context, options)),
    )
}

const show = async (context: Context, { by, json = false }: Options): Promise<number | Problem> => {
  const kind = chooseKind(context, by)
  if (isProblem(kind)) return kind
  const text = textOf(kind, taskOf(context))
  if (json) await printJson(context, { by: kind, place: starterOf(kind, context).place, text })
  else await context.stdout.write(text)
  return 0
}

const enable = async (context: Context, { by, json = false }: Options): Promise<number | Problem> => {
  const kind = chooseKind(context, by)
  if (isProblem(kind)) return kind
  const task = taskOf(context)
  if (Object.values(task.env).some((value) => /[\n\r]/.test(value)))
    return {
      code: 'autostart',
      message: `${Object.keys(task.env).join(', ')}: a newline can't be passed on`,
      hint: null,
    }
  const starter = starterOf(kind, context)
  const problem = await starter.install(textOf(kind, task))
  if (problem !== undefined) return problem
  // One is enough.
  for (const other of startersHere(context)) {
    const isThere = other.kind !== kind && typeof (await other.read()) === 'string'
    const left = isThere ? await other.remove() : undefined
    if (left !== undefined) return left
  }
  const atLogin = kind === 'launchd' || (kind === 'systemd' && (await lingers(context.self().user)) === false)
  if (json) await printJson(context, { enabled: true, by: kind, place: starter.place, stale: false })
  else
    await say(
      context,
      `chap recover --all will run when ${atLogin ? 'you log in' : 'this machine starts'}: ${safeText(starter.place)}`,
      atLogin && kind === 'systemd' ? 'loginctl enable-linger has it run at boot' : null,
    )
  return 0
}

const disable = async (context: Context, { json = false }: Options): Promise<number | Problem> => {
  const removed: string[] = []
  let problem: Problem | undefined
  for (const starter of startersHere(context)) {
    const before = await starter.read()
    const left = await starter.remove()
    if (left !== undefined && typeof before === 'string') return left
    problem = left ?? problem
    if (typeof before === 'string') removed.push(starter.place)
  }
  // A crontab that this user may not have matters only to who expects something in it.
  if (removed.length === 0 && problem !== undefined) return problem
  if (json) await printJson(context, { enabled: false, removed })
  else
    await say(
      context,
      removed.length === 0 ? 'there was nothing to remove' : `removed from ${safeText(removed.join(', '))}`,
    )
  return 0
}

const status = async (context: Context, { json = false }: Options): Promise<number | Problem> => {
  const found = await findInstalled(context, taskOf(context))
  if (found === null) {
    if (json) await printJson(context, { enabled: false })
    else await say(context, 'nothing runs chap recover --all when this machine starts', 'chap autostart enable')
    return 1
  }
  const { kind, place } = found.starter
  if (json) await printJson(context, { enabled: true, by: kind, place, stale: found.isStale })
  else
    await say(
      context,
      `enabled by ${kind}: ${safeText(place)}${found.isStale ? '; not as enable would write it now' : ''}`,
      found.isStale ? 'chap autostart enable' : null,
    )
  return 0
}

const DEEDS: Readonly<Record<What, (context: Context, options: Options) => Promise<number | Problem>>> = {
  enable,
  disable,
  status,
  show,
}
