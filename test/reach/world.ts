// What the ways lead through, made for one test file: accounts and rights, two relays and a target, namespaces, a box.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, createAccounts, type ShellName } from '../rig/accounts.ts'
import { needProgram } from '../rig/programs.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { makeBox, makeSpaces } from './spaces.ts'

export interface World {
  /** A directory that every account may write to, the same in the box. */
  readonly place: string
  /** Root's ssh configuration, which knows all three. */
  readonly config: string
  /** Where commands run; where nothing is forwarded; where connections are. */
  readonly sshd: Sshd
  readonly relay: Sshd
  readonly gate: Sshd
  /** May become `target` by sudo, and nobody else. */
  readonly self: Account
  /** Has an ssh configuration and a key in its home. */
  readonly target: Account
  readonly stranger: Account
  readonly netns: string
  /** Pid of a process with a host name of its own. */
  readonly holder: number
  /** A root directory with nothing but busybox. */
  readonly box: string
  /** A program `ush HOST WORD...`: joins the words, and a shell reads them. */
  readonly ush: string
  readonly tearDown: () => Promise<void>
}

/** Lets an account become others by sudo. @returns how to take that back */
export const allowSudo = (user: string, others: readonly string[]): (() => void) => {
  const file = `/etc/sudoers.d/chap-t-${randomBytes(6).toString('hex')}`
  // sudo passes over names with a dot: it never reads half a file.
  writeFileSync(`${file}.new`, `${user} ALL=(${others.join(',')}) NOPASSWD: ALL\n`, { mode: 0o440 })
  execFileSync(needProgram('visudo'), ['-cqf', `${file}.new`])
  renameSync(`${file}.new`, file)
  return () => rmSync(file)
}

/** An ssh configuration for all of these, with the keys that they have for root. */
const configOf = (sshds: readonly Sshd[]): string =>
  sshds.map(({ sshConfig }) => readFileSync(sshConfig, 'utf8')).join('\n')

/** The same for every account but root: ssh takes a key that others can read if it is somebody else's. */
export const shareConfig = (sshds: readonly Sshd[], user: string): string => {
  for (const { dir } of sshds) {
    copyFileSync(`${dir}/client_key`, `${dir}/shared_key`)
    chmodSync(`${dir}/shared_key`, 0o644)
  }
  return configOf(sshds).replaceAll('/client_key', '/shared_key').replaceAll('User root\n', `User ${user}\n`)
}

/** Adds to an account's ssh configuration. @returns how to take that back */
const addConfig = (home: string, name: string, text: string): (() => void) => {
  const ssh = join(home, '.ssh')
  mkdirSync(ssh, { recursive: true, mode: 0o755 })
  // ssh never reads half a file.
  for (const [file, content] of Object.entries({ config: 'Include chap-t-*\n', [`chap-t-${name}`]: text })) {
    writeFileSync(join(ssh, `new-${name}`), content)
    renameSync(join(ssh, `new-${name}`), join(ssh, file))
  }
  return () => rmSync(join(ssh, `chap-t-${name}`))
}

export const makeWorld = async (): Promise<World> => {
  const undo: (() => unknown)[] = []
  // Names of this world's own: another run may use the accounts as well.
  const name = randomBytes(4).toString('hex')
  const [accounts, sshd, relay, gate] = await Promise.all([
    createAccounts(),
    startSshd({ host: `target-${name}` }),
    startSshd({ host: `relay-${name}`, config: ['AllowTcpForwarding no'] }),
    startSshd({ host: `gate-${name}` }),
  ])
  for (const one of [sshd, relay, gate]) undo.push(() => one.stop())
  const accountOf = (shell: ShellName): Account => {
    const account = accounts.get(shell)
    if (account === undefined) throw new Error(`no account for ${shell}`)
    return account
  }
  const [self, target, stranger] = [accountOf('sh'), accountOf('bash'), accountOf('zsh')]
  undo.push(allowSudo(self.user, [target.user]))

  const place = mkdtempSync(join(tmpdir(), 'chap-t-reach-'))
  chmodSync(place, 0o777)
  undo.push(() => rmSync(place, { recursive: true, force: true }))
  const config = join(place, 'config')
  writeFileSync(config, configOf([sshd, relay, gate]))
  // Who comes as `target`, or becomes it, goes on with what is in its home.
  undo.push(addConfig(target.home, name, shareConfig([sshd, relay, gate], target.user)))

  const ush = join(place, 'ush')
  const clean = 'env -i HOME="$HOME" PATH="$PATH" CHAP_SPOOL="$CHAP_SPOOL" USH_HOST="$host"'
  writeFileSync(ush, `#!/bin/sh\nhost=$1; shift\ncd /; exec ${clean} sh -c "$*"\n`, { mode: 0o755 })

  const { netns, holder, undo: undoSpaces } = await makeSpaces(place)
  undo.push(undoSpaces)
  const { box, undo: undoBox } = makeBox(place)
  undo.push(undoBox)
  const tearDown = async (): Promise<void> => {
    const errors: unknown[] = []
    // One that fails must not leave the others' rights and servers behind.
    for (const one of undo.reverse())
      await Promise.resolve()
        .then(one)
        .catch((error) => errors.push(error))
    if (errors.length > 0) throw new AggregateError(errors, 'the world was not taken down whole')
  }
  return { place, config, sshd, relay, gate, self, target, stranger, netns, holder, box, ush, tearDown }
}
