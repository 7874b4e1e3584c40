// The files of one throw-away sshd: keys, the server's configuration, the client's configuration.
import { chmod, copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { needProgram } from './programs.ts'

export interface SshdFiles {
  readonly dir: string
  /** sshd's own words. */
  readonly log: string
  readonly serverConfig: string
  readonly clientConfig: string
}

export interface ServerSettings {
  readonly port: number
  /** Lines of sshd_config, which win over the rig's own. */
  readonly lines: readonly string[]
}

export interface ClientSettings {
  readonly host: string
  readonly port: number
  /** Lines of ssh_config for this host, which win over the rig's own. */
  readonly lines: readonly string[]
}

/** Every process that was started through the server at this directory has its path in this variable. */
export const rigVariable = 'CHAP_RIG'

/** Make the directory with fresh keys: the host's, and one client key that opens every account. */
export async function makeSshdFiles(): Promise<SshdFiles> {
  const dir = await mkdtemp(join(tmpdir(), 'chap-t-sshd-'))
  // sshd reads authorized_keys as the user who logs in.
  await chmod(dir, 0o711)
  await makeKey(join(dir, 'host_key'))
  await makeKey(join(dir, 'client_key'))
  await copyFile(join(dir, 'client_key.pub'), join(dir, 'authorized_keys'))
  await chmod(join(dir, 'authorized_keys'), 0o644)
  await mkdir(join(dir, 'home'), { mode: 0o700 })
  return {
    dir,
    log: join(dir, 'sshd.log'),
    serverConfig: join(dir, 'sshd_config'),
    clientConfig: join(dir, 'ssh_config'),
  }
}

/**
 * sshd takes the first value that it reads of each setting, and of each variable, so the caller's come first. The current user has a home of the rig's
 * own there: what a developer's rc files do (`pyenv init` takes a second and a lock) is not under test, unless an account is made for it.
 */
export async function writeServerConfig(files: SshdFiles, { port, lines }: ServerSettings): Promise<void> {
  const [given, others] = [lines.filter(isSetEnv), lines.filter((line) => !isSetEnv(line))]
  const environment = [`${rigVariable}=${files.dir}`, ...given.map((line) => line.replace(SET_ENV, ''))].join(' ')
  const text = `${others.join('\n')}
Port ${port}
ListenAddress 127.0.0.1
HostKey ${files.dir}/host_key
PidFile none
LogLevel VERBOSE
AuthorizedKeysFile ${files.dir}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
Subsystem sftp internal-sftp
SetEnv ${environment}
Match User ${userInfo().username}
SetEnv ${environment} HOME=${files.dir}/home
`
  await writeFile(files.serverConfig, text)
}

const SET_ENV = /^SetEnv /
const isSetEnv = (line: string): boolean => SET_ENV.test(line)

/** A client that knows this server and reads nothing of the user's. HostKeyAlias: the port may be a proxy's. */
export async function writeClientConfig(files: SshdFiles, { host, port, lines }: ClientSettings): Promise<void> {
  const hostKey = await readFile(join(files.dir, 'host_key.pub'), 'utf8')
  await writeFile(join(files.dir, 'known_hosts'), `${host} ${hostKey}`)
  const text = `Host ${host}
  ${lines.join('\n  ')}
  HostName 127.0.0.1
  Port ${port}
  HostKeyAlias ${host}
  User ${userInfo().username}
  IdentityFile ${files.dir}/client_key
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${files.dir}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
`
  await writeFile(files.clientConfig, text)
}

async function makeKey(path: string): Promise<void> {
  await execa(needProgram('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-C', 'chap-rig', '-f', path])
}
