// Real accounts with all sorts of login shells, for a test rig that runs as root. Their names begin with `chap-t-`.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { listProcesses } from './processes.ts'
import { findProgram, needProgram } from './programs.ts'
import { killAll } from './signals.ts'

export interface Account {
  readonly user: string
  readonly shell: string
  readonly home: string
  readonly uid: number
}

const prefix = 'chap-t-'

/** What an account is called here, and the program that its login shell is. */
const shells = {
  sh: 'dash',
  bash: 'bash',
  zsh: 'zsh',
  fish: 'fish',
  tcsh: 'tcsh',
  mksh: 'mksh',
  busybox: 'busybox',
  rbash: 'rbash',
  nologin: 'nologin',
} as const

export type ShellName = keyof typeof shells

/** Create the accounts whose shells are installed. Those that exist already are taken as they are. */
export async function createAccounts(): Promise<Map<ShellName, Account>> {
  if (process.getuid?.() !== 0) throw new Error('only root can create accounts')
  for (const [name, program] of Object.entries(shells)) {
    const path = findProgram(program)
    if (path !== undefined) await createAccount(`${prefix}${name}`, path)
  }
  const accounts = new Map<ShellName, Account>()
  for (const account of await listAccounts()) {
    const name = account.user.slice(prefix.length)
    if (isShellName(name)) accounts.set(name, account)
  }
  return accounts
}

/** End everything that runs in the accounts, and remove them with their homes. */
export async function removeAccounts(): Promise<void> {
  const accounts = await listAccounts()
  const uids = new Set(accounts.map(({ uid }) => uid))
  await killAll(listProcesses().filter(({ uid }) => uids.has(uid)))
  for (const { user } of accounts) await alone([needProgram('userdel'), '--remove', user])
  await rm(busyboxFolder, { recursive: true, force: true })
}

/** The accounts that exist, from this run or from an earlier one. */
export async function listAccounts(): Promise<Account[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n')
  return lines
    .filter((line) => line.startsWith(prefix))
    .map((line) => {
      const [user = '', , uid, , , home = '', shell = ''] = line.split(':')
      return { user, shell, home, uid: Number(uid) }
    })
}

/** Let the account in by this password as well. */
export async function setPassword({ user }: Account, password: string): Promise<void> {
  const { exitCode, stderr } = await alone([needProgram('chpasswd')], `${user}:${password}\n`)
  if (exitCode !== 0) throw new Error(`chpasswd ${user}: ${stderr}`)
}

async function createAccount(user: string, program: string): Promise<void> {
  if ((await listAccounts()).some((account) => account.user === user)) return
  const shell = basename(program) === 'busybox' ? await makeBusyboxShell(program) : program
  // An empty skeleton: the shells' rc files are the tests' business. The password is one that nothing matches, for
  // sshd takes an account without one ('!') for locked.
  const skeleton = await mkdtemp(join(tmpdir(), 'chap-t-skel-'))
  const settings = ['--create-home', '--skel', skeleton, '--shell', shell, '--password', '*', '--user-group']
  const { exitCode, stderr } = await alone([needProgram('useradd'), ...settings, user])
  await rm(skeleton, { recursive: true })
  // 9: it exists. Another test file may have been quicker.
  if (exitCode !== 0 && exitCode !== 9) throw new Error(`useradd ${user}: ${stderr}`)
}

const busyboxFolder = '/usr/local/lib/chap-t-busybox'

/** A login shell in whose PATH there is nothing but busybox: as near to a busybox machine as one account can be. */
async function makeBusyboxShell(busybox: string): Promise<string> {
  const applets = join(busyboxFolder, 'bin')
  const shell = join(busyboxFolder, 'sh')
  await mkdir(applets, { recursive: true })
  await execa(busybox, ['--install', '-s', applets])
  await writeFile(shell, `#!${busybox} sh\nPATH=${applets}\nexport PATH\nexec ${busybox} sh "$@"\n`)
  await chmod(shell, 0o755)
  return shell
}

// Test files run in parallel, and useradd does not wait for another useradd.
function alone(command: readonly string[], input = '') {
  return execa(needProgram('flock'), ['/run/lock/chap-t-accounts', ...command], { reject: false, input })
}

function isShellName(name: string): name is ShellName {
  return name in shells
}
