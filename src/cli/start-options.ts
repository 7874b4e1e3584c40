/** The options that start and run share, and how they are read. */
import { type Command, Option } from 'commander'
import { collect, collectLabels, readDuration, readKeepalive, readName, readPort } from './options.ts'

export interface StartOptions {
  readonly command?: string
  readonly name?: string
  readonly label?: Readonly<Record<string, string>>
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly stdin?: string
  readonly onDisconnect: 'keep' | 'kill'
  readonly plain?: boolean
  readonly lease?: number
  readonly sshConfig?: string
  readonly sshOption?: readonly string[]
  readonly port?: number
  readonly identity?: string
  readonly jump?: string
  readonly keepalive: { readonly interval: number; readonly count: number }
  readonly connectTimeout: number
  readonly remoteDir?: string
  readonly passwordFile?: string
  readonly passwordCommand?: string
  readonly askPassword?: boolean
  readonly acceptNew?: boolean
  readonly shareConnection?: boolean
  readonly idFile?: string
  readonly quiet?: boolean
  readonly json?: boolean
}

export const addStartOptions = (command: Command): Command =>
  command
    .argument('[host]', '[user@]host or ssh://[user@]host[:port]; none: this machine')
    .usage('[options] [host] -- command [argument...]')
    .option('-c, --command <line>', 'a command line for the shell there, instead of words after --')
    .option('-n, --name <name>', 'a name for the job', readName)
    .option('-l, --label <key=value>', 'a label (repeatable)', collectLabels)
    .option('-e, --env <name[=value]>', 'set in the job; without a value: as it is here (repeatable)', collect)
    .option('--cwd <dir>', 'where it runs (default: here; on a host: its home)')
    .option('--stdin <file>', 'its stdin, read now; -: what chap reads')
    .addOption(
      new Option('--on-disconnect <what>', 'when the connection is lost').choices(['keep', 'kill']).default('keep'),
    )
    .option('--plain', 'no launcher: only what plain ssh gives')
    .option('--lease <duration>', 'end it after so long without a chaperone in contact', readDuration)
    .option('-F, --ssh-config <file>', 'as of ssh')
    .option('-o, --ssh-option <key=value>', 'as of ssh (repeatable)', collect)
    .option('-p, --port <port>', 'as of ssh', readPort)
    .option('-i, --identity <file>', 'as of ssh')
    .option('-J, --jump <hosts>', 'as of ssh')
    .addOption(
      new Option('--keepalive <seconds x count>', 'a silent link is given up')
        .argParser(readKeepalive)
        .default({ interval: 15, count: 3 }, '15x3'),
    )
    .addOption(
      new Option('--connect-timeout <duration>', 'for each try to connect')
        .argParser(readDuration)
        .default(10_000, '10s'),
    )
    .option('--remote-dir <dir>', "where the job's files go there (default: ~/.local/state/chap-remote)")
    .option('--password-file <file>', 'the password or passphrase that ssh may ask for: the first line of a file')
    .option('--password-command <line>', 'or what a command line for sh prints')
    .option('--ask-password', 'or what is typed at this terminal, now')
    .option('--accept-new', 'trust the key of a host that was never seen; a changed key is still refused')
    .option('--share-connection', 'over one connection with other jobs that are reached in the same way')
    .option('--id-file <file>', 'write the id there as well')
    .option('-q, --quiet', 'say nothing more than needed')
    .option('--json', 'for programs')
