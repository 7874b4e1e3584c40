/** The options that start and run share, and how they are read. */
import { type Command, Option } from 'commander'
import { DEFAULTS, type DraftOptions } from '../index.ts'
import { addCallbackOptions, type CallbackWords } from './callback-options.ts'
import { OPTIONS_OF_CALL } from './help.ts'
import {
  collect,
  collectLabels,
  readDuration,
  readId,
  readKeepalive,
  readName,
  readPort,
  readSize,
  readUser,
} from './options.ts'
import { addSeriesOptions } from './series-options.ts'

/** As a program asks for it, but as words, and what is about one call. */
export interface StartOptions extends Omit<DraftOptions, 'env' | 'stdin' | 'callback'>, CallbackWords {
  readonly env?: readonly string[]
  readonly stdin?: string
  /** A name among the config file's transports. */
  readonly transport?: string
  readonly idFile?: string
  readonly quiet?: boolean
  readonly json?: boolean
  readonly dryRun?: boolean
}

/** What is about the ssh that chap calls: of no use to another transport. */
export const OF_SSH = [
  'sshConfig',
  'sshOption',
  'port',
  'identity',
  'jump',
  'relay',
  'relayProgram',
  'sudoFirst',
  'plain',
  'passwordFile',
  'passwordCommand',
  'askPassword',
  'acceptNew',
  'shareConnection',
] as const satisfies readonly (keyof StartOptions)[]

/** What only makes sense for another machine. */
export const NEEDS_HOST = [
  ...OF_SSH,
  'remoteDir',
  'giveUpAfter',
  'transport',
] as const satisfies readonly (keyof StartOptions)[]

/** What is said of one call only, and has no place in the config file. */
export const OF_ONE_CALL: readonly string[] = ['command', 'id', 'name', 'stdin', 'idFile', 'quiet', 'json', 'dryRun']

/** For the help of start and run: names, and what the options can't say in a line. */
export const ABOUT_HOSTS = `
A name that has an entry in the config file is that entry: chap config example. Any other goes to ssh as it is, aliases of
its configuration included. chap doctor HOST tries each step of the way there.

--max-output counts both streams together, of a series those of all its runs. Of each stream the first quarter of that and the last
are kept at least, here and where it runs; what was between them is shown as a gap, and offsets stay true. It is looked at once a second: what is
written in that second, and with --on-max-output kill in its --grace, comes on top.`

export const addStartOptions = (command: Command): Command =>
  addReachOptions(addCallbackOptions(addSeriesOptions(addJobOptions(command))))
    .optionsGroup(OPTIONS_OF_CALL)
    .option('--id <id>', 'the id that it gets; asked again for the same, it is the same job', readId)
    .option('--id-file <file>', 'write the id there as well')
    .option('--dry-run', 'print the commands that would reach it, and start nothing')
    .option('-q, --quiet', 'say nothing more than needed')
    .option('--json', 'for programs')

const addJobOptions = (command: Command): Command =>
  command
    .argument('[host]', '[user@]host[:port], an ssh:// address, or a name (see below); none: this machine')
    .usage('[options] [host] -- command [argument...]')
    .optionsGroup('The job:')
    .option('-c, --command <line>', 'a command line for the shell there, instead of words after --')
    .option('-n, --name <name>', 'a name for the job', readName)
    .option('-l, --label <key=value>', 'a label (repeatable)', collectLabels)
    .option('-e, --env <name[=value]>', 'set in the job; without a value: as it is here (repeatable)', collect)
    .option('--cwd <dir>', 'where it runs (default: here; on a host: its home)')
    .option('--stdin <file>', 'its stdin, read now; -: what chap reads; open: what chap send brings')
    .addOption(
      new Option('--on-disconnect <what>', 'when the connection is lost')
        .choices(['keep', 'kill'])
        .default(DEFAULTS.onDisconnect),
    )
    .option('--log-file <file>', 'append each line there as well, with its time and its origin; many jobs may share it')
    .option('--plain', 'no launcher: only what plain ssh gives')
    .option('--lease <duration>', 'end it after so long without a chaperone in contact', readDuration)
    .option('--max-output <size>', 'keep no more of its output: of each stream the head and the end', readSize)
    .addOption(new Option('--on-max-output <what>', 'or end it with more than that').choices(['keep', 'kill']))
    .option('--on-exit <line>', 'a command line for sh here, once it has ended; the job as JSON is on its stdin')

/** How a machine is reached: also what doctor takes. */
export const addReachOptions = (command: Command): Command =>
  command
    .optionsGroup('How its host is reached:')
    .option('-F, --ssh-config <file>', 'ssh -F: another configuration')
    .option('-o, --ssh-option <key=value>', 'ssh -o: an option of its configuration (repeatable)', collect)
    .option('-p, --port <port>', 'ssh -p', readPort)
    .option('-i, --identity <file>', 'ssh -i: a private key')
    .option('-J, --jump <hosts>', 'ssh -J: through hosts that forward connections')
    .option('--relay <hosts>', 'ssh there, and from there on to the host (several: with commas)')
    .option('--relay-program <prefix>', 'what goes on from a relay instead of ssh, such as ush')
    .option('--sudo <user>', 'as that user, by sudo: there, or without a host here', readUser)
    .option(
      '--sudo-first <user>',
      "have that user, by sudo here, call ssh: that user's keys and configuration",
      readUser,
    )
    .option(
      '--via <prefix>',
      "what runs it there, such as 'docker exec -i web'; {host}: how to get there (repeatable)",
      collect,
    )
    .option(
      '--via-line <prefix>',
      "as --via, for one that hands one line to a shell: 'ush {host}' (repeatable)",
      collect,
    )
    .optionsGroup('How long things may take:')
    .addOption(
      new Option('--keepalive <seconds x count>', 'a silent link is given up')
        .argParser(readKeepalive)
        .default(DEFAULTS.keepalive, '15x3, and sooner when output ceases'),
    )
    .addOption(
      new Option('--connect-timeout <duration>', 'for each try to connect, until something there has answered')
        .argParser(readDuration)
        .default(DEFAULTS.connectTimeout, '20s'),
    )
    .option('--give-up-after <duration>', 'for all tries together, until it has begun', readDuration)
    .option('--timeout <duration>', 'end it when it has run so long', readDuration)
    .option('--idle-timeout <duration>', 'end it when it has written nothing for so long', readDuration)
    .addOption(
      new Option('--grace <duration>', 'from SIGTERM to SIGKILL when a timer ends it')
        .argParser(readDuration)
        .default(DEFAULTS.grace, '10s'),
    )
    .optionsGroup('How its host is reached:')
    .option('--remote-dir <dir>', "where the job's files go there (default: ~/.local/state/chap-remote)")
    .option('--transport <name>', 'reach it by a command of the config file, instead of ssh')
    .optionsGroup('Logging in:')
    .option('--password-file <file>', 'the password or passphrase that ssh may ask for: the first line of a file')
    .option('--password-command <line>', 'or what a command line for sh prints')
    .option('--ask-password', 'or what is typed at this terminal, now')
    .option('--accept-new', 'trust the key of a host that was never seen; a changed key is still refused')
    .option('--share-connection', 'over one connection with other jobs that are reached in the same way')
