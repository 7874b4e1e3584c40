// A place where what the documents show can be typed: each host of theirs is the rig's sshd, and each program of theirs says what it was called with.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { chap, program } from './chap.ts'
import { needProgram } from './programs.ts'
import { makeSpool, type Spool } from './spool.ts'
import { type Sshd, startSshd } from './sshd.ts'

/** Programs that may be run as they are. Any other that stands behind `--` is played: one of them is apt-get, and root runs these tests. */
const HARMLESS = ['uname', 'uptime', 'id', 'true', 'sh', 'cat', 'sleep', 'echo']

const DOCUMENT = '{ "program": { "argv": ["true"] } }'

export interface DocServer {
  readonly sshd: Sshd
  /** For `ssh -F`: any name is this server. */
  readonly sshConfig: string
  /** Where the played programs are, first of all in PATH on both sides. */
  readonly played: string
}

/**
 * @param dir a directory of the caller's own
 * @param lines all that will be typed: what they call is played, and made before anything runs (a program that is being written can't be run)
 */
export const startDocServer = async (dir: string, lines: readonly string[]): Promise<DocServer> => {
  const played = join(dir, 'played')
  mkdirSync(played)
  const sshd = await startSshd({ config: [`SetEnv PATH=${played}:${process.env['PATH']}`] })
  const sshConfig = join(dir, 'ssh_config')
  writeFileSync(sshConfig, readFileSync(sshd.sshConfig, 'utf8').replace(/^Host .*/, 'Host *'))
  write(join(played, 'chap'), CHAP)
  write(join(played, 'tail'), TAIL)
  for (const [, name = ''] of lines.join('\n').matchAll(/^(?:.*[($ ])?chap (?:start|run) .*? -- ([^\s)]+)/gm))
    if (!HARMLESS.includes(name))
      write(join(name.startsWith('./') ? `${sshd.dir}/home` : played, name), `#!/bin/sh\necho "\${0##*/} $*"\n`)
  return { sshd, sshConfig, played }
}

/** A home, a spool in its usual place, and a config file that leads all hosts to the server, and jobs to the played programs there. */
export const makeDocScene = async ({ sshd, sshConfig, played }: DocServer): Promise<Spool> => {
  const made = await makeSpool()
  const dir = join(made.home, '.local/state/chap')
  const config = join(made.home, '.config/chap')
  mkdirSync(config, { recursive: true })
  writeFileSync(
    join(config, 'config.toml'),
    `[defaults]\nssh_config = "${sshConfig}"\ncwd = "${sshd.dir}/home"\n[clusters]\nweb = "web[01-03]"\ndb = "db1"\n`,
    { mode: 0o600 },
  )
  for (const name of ['program.json', 'job.json']) writeFileSync(join(made.home, name), DOCUMENT)
  for (const name of ['hosts', 'token', 'sched.token']) writeFileSync(join(made.home, name), 'gpu1\n', { mode: 0o600 })
  const env = { ...made.env, PATH: `${played}:${made.env['PATH']}`, CHAP_SPOOL: dir, XDG_STATE_HOME: '' }
  return { ...made, dir, env }
}

/** `k3f9`, of which the documents speak: ended, or with a stdin that is open. */
export const beginK3f9 = async (spool: Spool, isOpen: boolean): Promise<void> => {
  // Of a series, so that it has a run that can be named.
  const how = isOpen ? ['start', '--stdin', 'open'] : ['run', '--every', '1s', '--count', '1']
  const what = isOpen ? ['cat'] : ['echo', 'epoch 1']
  const { exitCode, stderr } = await chap([...how, '--id', 'k3f9', '--', ...what], { spool })
  if (exitCode !== 0) throw new Error(stderr)
}

/** Types the lines into one sh, which stops at the first that fails. */
export const type = async ({ home, env }: Spool, lines: readonly string[]) => {
  const text = lines.join('\n').replaceAll('[01-40]', '[01-03]')
  return execa('sh', ['-e', '-c', text], {
    cwd: home,
    env,
    extendEnv: false,
    reject: false,
    input: DOCUMENT,
    all: true,
    timeout: 50_000,
  })
}

const write = (path: string, text: string): void => {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

/** What goes on until Ctrl-C has it after a second. */
const UNTIL_INTERRUPTED =
  'timeout -s INT 1 "$@"; status=$?; case $status in 124 | 130) exit 0 ;; *) exit "$status" ;; esac'

const CHAP = `#!/bin/sh
case " $* " in
  *' --watch '* | ' events '* | ' logs --all -f '*) set -- "${process.execPath}" "${program}" "$@"; ${UNTIL_INTERRUPTED} ;;
  *) exec "${process.execPath}" "${program}" "$@" ;;
esac
`

const TAIL = `#!/bin/sh
case $1 in -f) set -- '${needProgram('tail')}' "$@"; ${UNTIL_INTERRUPTED} ;; *) exec '${needProgram('tail')}' "$@" ;; esac
`
