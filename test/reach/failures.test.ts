// Rows 18 to 20: what `chap start` says when a machine can't be reached, says no, or is not fit: ssh's own words, and what to do.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Account, createAccounts, type ShellName } from '../rig/accounts.ts'
import { layCable } from '../rig/cable.ts'
import { program } from '../rig/chap.ts'
import { startMachine } from '../rig/machine.ts'
import { pickPort } from '../rig/ports.ts'
import { needProgram } from '../rig/programs.ts'
import { requires, testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type ProxiedSshd, type Sshd, type SshdOptions, startSshd } from '../rig/sshd.ts'

const needs = ['linux', 'root', 'namespaces', 'ssh', 'sshd', 'ip', 'dash'] as const
const test = testWith(...needs)

let sshd: ProxiedSshd
let accounts: Map<ShellName, Account>
let spool: Spool
let undo: (() => unknown)[]

beforeAll(async () => {
  if (requires(...needs) !== undefined) return
  ;[sshd, accounts] = await Promise.all([startSshd({ proxied: true }), createAccounts()])
})
afterAll(() => sshd?.stop())
beforeEach(async () => {
  spool = await makeSpool()
  undo = []
})
afterEach(async () => {
  await cleanUp(spool)
  for (const step of undo.reverse()) await step()
})

/** What stands between `chap start` and the command, and around it. */
interface Attempt {
  readonly args: readonly string[]
  /** Before node. */
  readonly prefix?: readonly string[]
  readonly path?: string
}

const to = (at: Sshd, user?: string): string[] => ['-F', at.sshConfig, at.destination(user)]

const serve = async (options: SshdOptions): Promise<Sshd> => {
  const server = await startSshd(options)
  undo.push(() => server.stop())
  return server
}

const userOf = (shell: ShellName): string => accounts.get(shell)?.user ?? 'no account'

/** A machine on which this account's home is another file system. */
const withHome = async (options: string): Promise<Attempt> => {
  const home = accounts.get('sh')?.home ?? ''
  const uid = accounts.get('sh')?.uid ?? 0
  const machine = await startMachine({}, `mount -t tmpfs -o mode=700,uid=${uid},${options} chap-t-home '${home}'`)
  undo.push(() => machine.stop())
  return { args: to(machine.sshd, userOf('sh')) }
}

const known = (at: Sshd, key: string): string[] => {
  writeFileSync(`${spool.root}/known`, `${at.host} ${key}\n`)
  return ['-o', `UserKnownHostsFile=${spool.root}/known`, ...to(at)]
}

interface Row {
  readonly prepare: () => Attempt | Promise<Attempt>
  /** pending: it is tried again, and `chap start` returns. refused: it never began. runs: nothing is wrong. */
  readonly how: 'pending' | 'refused' | 'runs'
  readonly says: RegExp
  readonly hint: RegExp
}

const NOTHING = /^$/
const OPENING = { pending: / is pending: .*; still trying$/, refused: / never began: /, runs: NOTHING } as const

const rows: Readonly<Record<string, Row>> = {
  'a name that nobody knows': {
    prepare: () => ({ args: ['no-such-host.invalid'] }),
    how: 'pending',
    says: /the name no-such-host\.invalid can't be resolved \(ssh: Could not resolve hostname/,
    hint: /^hint: .*check the name.*; chap kill \w+ gives it up/,
  },
  'a port where nothing listens': {
    prepare: async () => ({ args: ['-F', 'none', '-p', String(await pickPort()), '127.0.0.1'] }),
    how: 'pending',
    says: /nothing listens for ssh at 127\.0\.0\.1 \(.*Connection refused/,
    hint: /^hint: .*is sshd running there/,
  },
  'a network without a way': {
    prepare: () => {
      const cable = layCable()
      undo.push(() => cable.remove())
      return { args: ['-F', 'none', '198.51.100.7'], prefix: cable.prefix }
    },
    how: 'pending',
    says: /there is no way to 198\.51\.100\.7 \(.*Network is unreachable/,
    hint: /^hint: .*check the network or the VPN/,
  },
  'a host without a way': {
    prepare: () => {
      const cable = layCable()
      undo.push(() => cable.remove())
      execFileSync(cable.prefix[0] ?? '', [
        '-n',
        cable.prefix.at(-1) ?? '',
        'route',
        'add',
        'unreachable',
        '198.51.100.7',
      ])
      return { args: ['-F', 'none', '198.51.100.7'], prefix: cable.prefix }
    },
    how: 'pending',
    says: /there is no way to 198\.51\.100\.7 \(.*No route to host/,
    hint: /^hint: .*check the network or the VPN/,
  },
  'a network that swallows everything': {
    prepare: () => {
      const cable = layCable()
      undo.push(() => cable.remove())
      cable.unplug()
      return { args: ['-F', 'none', '--connect-timeout', '1s', cable.address] }
    },
    how: 'pending',
    says: /does not answer \(.*Connection timed out/,
    hint: /^hint: .*--connect-timeout gives it longer/,
  },
  'a server that says nothing': {
    prepare: () => {
      sshd.proxy.hole()
      undo.push(() => sshd.proxy.heal())
      return { args: ['--connect-timeout', '1s', ...to(sshd)] }
    },
    how: 'pending',
    says: /does not answer \(.*timed out during banner exchange/,
    hint: /^hint: .*--connect-timeout gives it longer/,
  },
  'a server that is full': {
    prepare: async () => {
      const server = await serve({ config: ['MaxStartups 1:100:1'] })
      const knocker = connect(server.port, '127.0.0.1')
      await once(knocker, 'data')
      undo.push(() => knocker.destroy())
      return { args: to(server) }
    },
    how: 'pending',
    says: /takes no more connections just now \(kex_exchange_identification/,
    hint: /^hint: .*MaxStartups/,
  },
  'a server that lets nobody in': {
    prepare: () => ({ args: ['-o', 'PreferredAuthentications=password', ...to(sshd)] }),
    how: 'refused',
    says: /does not let you in \(.*Permission denied \(publickey\)/,
    hint: /^hint: .*ssh-copy-id rig; .*--ask-password/,
  },
  'a host that was never seen': {
    prepare: () => ({ args: known(sshd, '# nothing') }),
    how: 'refused',
    says: /host key of rig is not trusted \(No ED25519 host key is known/,
    hint: /^hint: .*fingerprint; --accept-new/,
  },
  'a host whose key has changed': {
    prepare: () => {
      const [type, key] = readFileSync(`${sshd.dir}/client_key.pub`, 'utf8').split(' ')
      return { args: known(sshd, `${type} ${key}`) }
    },
    how: 'refused',
    says: /host key of rig is not the one that is known \(Host key for rig has changed/,
    hint: /^hint: .*remove the line \(ssh-keygen -R rig\)/,
  },
  'a server that speaks no cipher of ours': {
    prepare: async () => ({
      args: ['-o', 'Ciphers=aes256-ctr', ...to(await serve({ config: ['Ciphers aes128-ctr'] }))],
    }),
    how: 'refused',
    says: /Unable to negotiate with .* no matching cipher found/,
    hint: /^hint: .*ssh -G/,
  },
  'an option that ssh does not know': {
    prepare: () => ({ args: ['-o', 'NoSuchOption=yes', ...to(sshd)] }),
    how: 'refused',
    says: /ssh can't be used like this \(.*NoSuchOption/i,
    hint: /^hint: .*ssh -G/,
  },
  'no ssh on this machine': {
    prepare: () => {
      const bin = `${spool.root}/bin`
      mkdirSync(bin)
      symlinkSync(needProgram('mkfifo'), `${bin}/mkfifo`)
      return { args: to(sshd), path: bin }
    },
    how: 'refused',
    says: /ssh can't be started.*ENOENT/,
    hint: /^hint: .*install OpenSSH's client/,
  },
  'an account without a login': {
    prepare: () => ({ args: to(sshd, userOf('nologin')) }),
    how: 'refused',
    says: /no sh answers .*This account is currently not available/,
    hint: /^hint: .*an account that may run commands.*--plain/,
  },
  'a machine without sh': {
    prepare: async () => ({ args: to(await serve({ config: ['ForceCommand PATH=/nowhere; sh -c true'] })) }),
    how: 'refused',
    says: /no sh answers .*sh.*not found/,
    hint: /^hint: .*--plain/,
  },
  'a home that is read-only': {
    prepare: () => withHome('ro'),
    how: 'refused',
    says: /has no place for the job's files \(.*Read-only file system/,
    hint: /^hint: .*--remote-dir/,
  },
  'a disk that is full': {
    prepare: () => withHome('size=4k'),
    how: 'pending',
    says: /no space is left for the job's files at .* \(.*No space left on device/,
    hint: /^hint: .*make room there.*--remote-dir/,
  },
  'rc files that print, and a banner': {
    prepare: async () => {
      const noise = `ForceCommand printf noise; printf noise >&2; echo; eval "$SSH_ORIGINAL_COMMAND"`
      return { args: to(await serve({ config: ['Banner /etc/os-release', noise] })) }
    },
    how: 'runs',
    says: NOTHING,
    hint: NOTHING,
  },
}

/** Milliseconds: tries that may help are given up after 10 s; the rest is node and a busy machine. */
const LONGEST_MS = 20_000

for (const [name, { prepare, how, says, hint }] of Object.entries(rows))
  test(`${name}: ${how}`, async () => {
    const { args, prefix = [], path } = await prepare()
    const [file = '', ...words] = [
      ...prefix,
      process.execPath,
      program,
      'start',
      '--wait-started',
      '5s',
      ...args,
      '--',
      'true',
    ]
    const begin = performance.now()
    const started = await execa(file, words, {
      env: { ...spool.env, ...(path === undefined ? {} : { PATH: path }) },
      extendEnv: false,
      reject: false,
    })
    expect(performance.now() - begin).toBeLessThan(LONGEST_MS)
    const [message = '', ...more] = started.stderr.split('\n')
    expect(started.exitCode, started.stderr).toBe(how === 'refused' ? 125 : 0)
    expect(message).toMatch(OPENING[how])
    expect(message).toMatch(says)
    expect(more.join('\n')).toMatch(hint)
  })
