/** Finds the command, loads only that one, and turns what it says into an exit status. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { type GiveJob, usage } from '../index.ts'
import { type Context, realContext } from './context.ts'
import type { Invocation } from './invocation.ts'
import { safeText } from './safe-text.ts'
import { sayProblem } from './say.ts'

interface Entry {
  readonly summary: string
  readonly load: () => Promise<{ readonly configure: (command: Command, invocation: Invocation) => void }>
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  start: { summary: 'put a job to work and print its id', load: () => import('./commands/start.ts') },
  run: { summary: 'start, then attach', load: () => import('./commands/run.ts') },
  attach: { summary: 'follow a job until it ends, and exit as it does', load: () => import('./commands/attach.ts') },
  logs: { summary: 'print the output that there is', load: () => import('./commands/logs.ts') },
  ls: { summary: 'list jobs', load: () => import('./commands/ls.ts') },
  events: { summary: 'follow what happens to jobs', load: () => import('./commands/events.ts') },
  send: { summary: 'give a running job more of its stdin', load: () => import('./commands/send.ts') },
  kill: { summary: 'end jobs, or send them a signal', load: () => import('./commands/kill.ts') },
  wait: { summary: 'wait until jobs have ended', load: () => import('./commands/wait.ts') },
  inspect: { summary: 'all that is known of a job', load: () => import('./commands/inspect.ts') },
  history: { summary: 'what did not end well, also of removed jobs', load: () => import('./commands/history.ts') },
  rm: { summary: 'remove ended jobs', load: () => import('./commands/rm.ts') },
  prune: { summary: 'remove jobs that ended long ago', load: () => import('./commands/prune.ts') },
  doctor: {
    summary: 'try each step of reaching a host, or look at this machine',
    load: () => import('./commands/doctor.ts'),
  },
  config: { summary: 'check the config file, or show an example of one', load: () => import('./commands/config.ts') },
  deliver: { summary: 'have a callback tried again', load: () => import('./commands/deliver.ts') },
  recover: { summary: 'bring back the chaperones of jobs that lost them', load: () => import('./commands/recover.ts') },
}

const HELP = `
Everything after -- is the command, passed word for word. A job is named by its id, the beginning of it,
its --name, or 'last'.

Examples:
  chap start gpu1 -- python train.py      run it there; the terminal, the network and this machine may go away
  chap attach                             see all of its output, from any terminal, and exit as it does
  chap kill last                          end it, with everything that it started

chap <command> --help says more.`

export const runCommand = async (
  args: readonly string[],
  program: readonly string[] | null,
  chosen: string,
  giveJob: GiveJob | undefined,
): Promise<number> => {
  const context = realContext()
  if (args[0] === '--version' || args[0] === '-V') {
    await context.stdout.write(`${readVersion()}\n`)
    return 0
  }
  const texts = { out: '', err: '' }
  let status = 0
  const invocation: Invocation = {
    context,
    program,
    exitWith: (code) => {
      status = code
    },
    giveJob,
  }
  try {
    const called = chosen === 'help' ? args[args.indexOf('help') + 1] : chosen
    const commands = await describeCommands(invocation, called, texts)
    await commands.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return await concludeParsing(context, error, texts, chosen, args.includes('--json'))
  }
}

/** All commands by name and summary, and the one that is called with all that it understands. */
const describeCommands = async (
  invocation: Invocation,
  called: string | undefined,
  texts: { out: string; err: string },
): Promise<Command> => {
  const program = new Command('chap')
    .description('Runs a command on another machine, or this one, and never loses it.')
    .option('-V, --version', 'print the version')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        texts.out += text
      },
      writeErr: (text) => {
        texts.err += text
      },
    })
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(summary)
    if (name === called) (await load()).configure(command, invocation)
  }
  return program
}

/** Help is what was asked for; anything else is a usage error. */
const concludeParsing = async (
  context: Context,
  error: CommanderError,
  texts: { readonly out: string; readonly err: string },
  chosen: string,
  isJson: boolean,
): Promise<number> => {
  if (error.exitCode === 0) {
    await context.stdout.write(texts.out)
    return 0
  }
  if (error.code === 'commander.help') {
    await context.stderr.write(texts.err)
    return 2
  }
  const message = safeText(error.message.replace(/^error: /, '').replace(/\n/g, ' '))
  return sayProblem(
    context,
    usage(message, Object.hasOwn(COMMANDS, chosen) ? `chap ${chosen} --help` : 'chap --help'),
    isJson,
  )
}

const readVersion = (): string => {
  // From dist/, where this file is bundled.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
