/** Finds the command, loads only that one, and turns what it says into an exit status. */
import { readFileSync } from 'node:fs'
import { type Command, CommanderError } from 'commander'
import { type GiveJob, usage } from '../index.ts'
import { realContext } from './context.ts'
import { groupOf, HelpfulCommand, helpStyle, LAST_GROUP, outputStyle } from './help.ts'
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
  agent: {
    summary: 'run the program of a document here, as its chaperone in the foreground',
    load: () => import('./commands/agent.ts'),
  },
  attach: { summary: 'follow a job until it ends, and exit as it does', load: () => import('./commands/attach.ts') },
  logs: { summary: 'print the output that there is', load: () => import('./commands/logs.ts') },
  ls: { summary: 'list jobs', load: () => import('./commands/ls.ts') },
  top: { summary: 'watch jobs and their output, full screen', load: () => import('./commands/top.ts') },
  events: { summary: 'follow what happens to jobs', load: () => import('./commands/events.ts') },
  send: { summary: 'give a running job more of its stdin', load: () => import('./commands/send.ts') },
  kill: { summary: 'end jobs, or send them a signal', load: () => import('./commands/kill.ts') },
  wait: { summary: 'wait until jobs have ended', load: () => import('./commands/wait.ts') },
  rerun: { summary: 'start the command of a job again, in a new job', load: () => import('./commands/rerun.ts') },
  inspect: { summary: 'all that is known of a job', load: () => import('./commands/inspect.ts') },
  history: { summary: 'what did not end well, also of removed jobs', load: () => import('./commands/history.ts') },
  rm: { summary: 'remove ended jobs', load: () => import('./commands/rm.ts') },
  prune: { summary: 'remove jobs that ended long ago', load: () => import('./commands/prune.ts') },
  doctor: {
    summary: 'try each step of reaching a host, or look at this machine',
    load: () => import('./commands/doctor.ts'),
  },
  config: { summary: 'check the config file, or show an example of one', load: () => import('./commands/config.ts') },
  schema: { summary: 'the JSON Schemas of documents and records', load: () => import('./commands/schema.ts') },
  autostart: { summary: 'bring jobs back when this machine starts', load: () => import('./commands/autostart.ts') },
  completion: {
    summary: 'complete command lines in bash, zsh and fish',
    load: () => import('./commands/completion.ts'),
  },
  deliver: { summary: 'have a callback tried again', load: () => import('./commands/deliver.ts') },
  recover: { summary: 'bring back the chaperones of jobs that lost them', load: () => import('./commands/recover.ts') },
}

const HELP = `
Everything after -- is the command, passed word for word. A job is named by its id, the beginning of it,
its --name, or 'last'.

Examples:
  chap doctor gpu1                     is all in order on the way there?
  chap start gpu1 -- python train.py   run it there, whatever goes away here
  chap attach                          see all it wrote, and exit as it does
  chap kill last                       end it, and all that it started

chap <command> --help says more.`

export const runCommand = async (
  args: readonly string[],
  program: readonly string[] | null,
  chosen: string,
  giveJob: GiveJob | undefined,
  context = realContext(),
): Promise<number> => {
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
  if (args[0] === '__complete') {
    const { answerShell } = await import('./complete/answer.ts')
    return answerShell(context, args.slice(1), (called) =>
      describeCommands(invocation, (name) => name === called, texts),
    )
  }
  try {
    const called = chosen === 'help' ? args[args.indexOf('help') + 1] : chosen
    const commands = await describeCommands(invocation, (name) => name === called, texts)
    await commands.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return await concludeParsing(invocation, error, texts, chosen, args.includes('--json'))
  }
}

/** All commands by name and summary, and those that are called with all that they understand. */
export const describeCommands = async (
  invocation: Invocation,
  isCalled: (name: string) => boolean,
  texts: { out: string; err: string },
): Promise<HelpfulCommand> => {
  const program = new HelpfulCommand('chap')
    .description('Runs a command on another machine, or this one, and never loses it.')
    .commandsGroup(LAST_GROUP)
    .option('-V, --version', 'print the version')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureHelp(helpStyle)
    .configureOutput({
      ...outputStyle(invocation.context),
      writeOut: (text) => {
        texts.out += text
      },
      writeErr: (text) => {
        texts.err += text
      },
    })
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(summary).helpGroup(groupOf(name))
    if (isCalled(name)) (await load()).configure(command, invocation)
  }
  return program
}

/** Help is what was asked for; anything else is a usage error. */
const concludeParsing = async (
  { context, program }: Invocation,
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
  return sayProblem(context, usage(message, hintFor(chosen, program === null)), isJson)
}

/** @param isBare there is no `--` */
const hintFor = (chosen: string, isBare: boolean): string => {
  if (!Object.hasOwn(COMMANDS, chosen)) return 'chap --help'
  if (isBare && (chosen === 'start' || chosen === 'run'))
    return `the command stands behind --: chap ${chosen} [host] -- command [argument...]; chap ${chosen} --help`
  return `chap ${chosen} --help`
}

const readVersion = (): string => {
  // From dist/, where this file is bundled.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
