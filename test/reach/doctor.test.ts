// chap doctor: names the step that fails, in ssh's own words, with what to do, and leaves nothing behind.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Account, createAccounts } from '../rig/accounts.ts'
import { chap, program } from '../rig/chap.ts'
import { remoteDir } from '../rig/job.ts'
import { startMachine } from '../rig/machine.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { requires, testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type ProxiedSshd, type Sshd, startSshd } from '../rig/sshd.ts'
import { rigVariable } from '../rig/sshd-files.ts'

const test = testWith('linux', 'sshd', 'ssh')
const rootTest = testWith('linux', 'sshd', 'ssh', 'root')

let sshd: ProxiedSshd
let accounts: Map<string, Account>
let spool: Spool

beforeAll(async () => {
  sshd = await startSshd({ proxied: true })
  accounts = requires('linux', 'root') === undefined ? await createAccounts() : new Map()
})
afterAll(() => sshd.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(async () => {
  sshd.proxy.heal()
  await sshd.proxy.accept()
  await cleanUp(spool)
})

interface Step {
  readonly name: string
  readonly status: string
  readonly evidence: string
  readonly code: string | null
  readonly hint: string | null
  readonly ms: number | null
}

interface Report {
  readonly exitCode: number | undefined
  readonly ok: boolean
  readonly steps: readonly Step[]
  readonly failed: readonly string[]
  readonly find: (name: string) => Step | undefined
}

const examine = async (server: Sshd, ...args: readonly string[]): Promise<Report> => {
  const words = ['doctor', '-F', server.sshConfig, '--json', ...args]
  const { stdout, stderr, exitCode } = await chap(words, { spool, deadline: 50_000 })
  expect(stderr).toBe('')
  const { ok, steps } = JSON.parse(stdout) as { ok: boolean; steps: Step[] }
  expect(exitCode).toBe(ok ? 0 : 1)
  expect(readdirSync(join(spool.root, 'run/chap')), 'control sockets').toEqual([])
  const failed = steps.filter(({ status }) => status === 'fail').map(({ name }) => name)
  return { exitCode, ok, steps, failed, find: (name) => steps.find((step) => step.name === name) }
}

test('a good host: every step is ok, and nothing is left', async () => {
  const { steps, failed, find } = await examine(sshd, '--remote-dir', join(remoteDir(spool), 'deep/er'), sshd.host)
  expect(failed).toEqual([])
  expect(steps.map(({ name }) => name)).toEqual([
    'config',
    'ssh',
    'options',
    'name',
    'tcp',
    'connection',
    'host_key',
    'login',
    'shell',
    'rc_files',
    'programs',
    'directory',
    'space',
    'logout',
    'sessions',
    'clock',
    'round_trip',
  ])
  expect(find('options')?.evidence).toContain('@127.0.0.1 port ')
  expect(find('tcp')?.evidence).toMatch(/SSH-2\.0-OpenSSH/)
  expect(find('login')).toMatchObject({ status: 'ok', evidence: 'publickey' })
  expect(find('sessions')).toMatchObject({ status: 'ok' })
  expect(find('clock')).toMatchObject({ status: 'ok' })
  expect(existsSync(remoteDir(spool))).toBe(false)
  expect(findByEnvironment(rigVariable, sshd.dir).filter(({ name }) => !name.startsWith('sshd'))).toEqual([])
})

test('a person reads one line for each step', async () => {
  const { stdout, exitCode } = await chap(['doctor', '-F', sshd.sshConfig, sshd.host], { spool })
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^ok {4}network {7}127\.0\.0\.1 port \d+, SSH-2\.0-\S+.* \([\d.]+ ms\)$/m)
})

test('a name that nobody knows', async () => {
  const { failed, find } = await examine(sshd, 'no-such-host.invalid')
  expect(failed).toEqual(['name', 'connection'])
  expect(find('connection')).toMatchObject({
    code: 'unknown_host',
    evidence: expect.stringContaining('Could not resolve hostname'),
    hint: expect.stringContaining('check the name'),
  })
  // What to do is told to a person once.
  const { stdout } = await chap(['doctor', 'no-such-host.invalid'], { spool })
  expect(stdout.match(/hint: /g)).toHaveLength(1)
})

test('a port where nothing listens', async () => {
  sshd.proxy.refuse()
  const { failed, find } = await examine(sshd, sshd.host)
  expect(failed).toEqual(['tcp', 'connection'])
  expect(find('connection')).toMatchObject({
    code: 'refused',
    evidence: expect.stringContaining('Connection refused'),
    hint: expect.stringContaining('sshd'),
  })
  expect(find('login')).toMatchObject({ status: 'skip' })
})

test('a server that says nothing: each step keeps its time', async () => {
  sshd.proxy.hole()
  const { failed, find } = await examine(sshd, '--connect-timeout', '1s', sshd.host)
  expect(failed).toEqual(['tcp', 'connection'])
  expect(find('tcp')).toMatchObject({ code: 'timeout', evidence: expect.stringContaining('within 1 s') })
  expect(find('tcp')?.ms).toBeLessThan(2_500)
  expect(find('connection')).toMatchObject({ code: 'timeout', evidence: expect.stringContaining('timed out') })
})

test('a key that opens nothing', async () => {
  const config = join(spool.root, 'ssh_config')
  writeFileSync(config, readFileSync(sshd.sshConfig, 'utf8').replace('/client_key', '/host_key'))
  const { failed, find } = await examine({ ...sshd, sshConfig: config }, sshd.host)
  expect(failed).toEqual(['login'])
  expect(find('host_key')).toMatchObject({ status: 'ok' })
  expect(find('login')).toMatchObject({
    code: 'authentication',
    evidence: expect.stringContaining('Permission denied (publickey)'),
    hint: expect.stringContaining('ssh-copy-id'),
  })
})

test('a host key that has changed', async () => {
  const another = readFileSync(`${sshd.dir}/client_key.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(`${spool.root}/known`, `${sshd.host} ${another}\n`)
  const { failed, find } = await examine(sshd, '-o', `UserKnownHostsFile=${spool.root}/known`, sshd.host)
  expect(failed).toEqual(['host_key'])
  expect(find('host_key')).toMatchObject({
    code: 'host_key',
    evidence: expect.stringMatching(/Host key for rig has changed|Host key verification failed/),
    hint: expect.stringContaining('fingerprint'),
  })
})

test('an option that ssh does not know', async () => {
  const { failed, find } = await examine(sshd, '-o', 'NoSuchOption=yes', sshd.host)
  expect(failed).toEqual(['options', 'connection'])
  expect(find('options')).toMatchObject({ code: 'usage', evidence: expect.stringMatching(/nosuchoption/i) })
})

test('through a jump: name and network are those of the first machine', async () => {
  const { failed, find } = await examine(sshd, '-J', sshd.host, sshd.host)
  expect(failed).toEqual([])
  expect(find('options')?.evidence).toContain(`through ${sshd.host}`)
  expect(find('tcp')?.evidence).toMatch(/^to the jump host: 127\.0\.0\.1/)
})

test('a server that grants one session for each connection: a warning', async () => {
  const narrow = await startSshd({ config: ['MaxSessions 1'] })
  try {
    const { failed, find } = await examine(narrow, narrow.host)
    expect(failed).toEqual([])
    expect(find('sessions')).toMatchObject({
      status: 'warn',
      evidence: expect.stringContaining('refused by peer'),
      hint: expect.stringContaining('MaxSessions'),
    })
  } finally {
    await narrow.stop()
  }
})

const accountOf = (name: string): Account => {
  const account = accounts.get(name)
  if (account === undefined) throw new Error(`no account for ${name}`)
  return account
}

rootTest('an account without a login', async () => {
  const { failed, find } = await examine(sshd, sshd.destination(accountOf('nologin').user))
  expect(failed).toEqual(['shell'])
  expect(find('login')).toMatchObject({ status: 'ok' })
  expect(find('shell')).toMatchObject({
    code: 'no_shell',
    evidence: expect.stringContaining('This account is currently not available'),
    hint: expect.stringContaining('--plain'),
  })
})

rootTest('an rc file that prints: a warning', async () => {
  const { user, home, uid } = accountOf('bash')
  const rc = join(home, '.bashrc')
  writeFileSync(rc, 'printf "\\033[31mnoise"\n')
  execFileSync('chown', [String(uid), rc])
  try {
    const { failed, find } = await examine(sshd, sshd.destination(user))
    expect(failed).toEqual([])
    expect(find('rc_files')).toMatchObject({ status: 'warn', evidence: expect.stringContaining('noise') })
    const { stdout } = await chap(['doctor', '-F', sshd.sshConfig, sshd.destination(user)], { spool })
    expect(stdout).toContain('print: \\e[31mnoise')
    expect(stdout).not.toContain('\u001b')
  } finally {
    rmSync(rc)
  }
})

testWith(
  'linux',
  'sshd',
  'ssh',
  'root',
  'namespaces',
)('a home that is read-only', async () => {
  const { user, home } = accountOf('sh')
  const machine = await startMachine({}, `mount --bind '${home}' '${home}'; mount -o remount,bind,ro '${home}'`)
  try {
    const { failed, find } = await examine(machine.sshd, machine.sshd.destination(user))
    expect(failed).toEqual(['directory'])
    expect(find('directory')).toMatchObject({
      evidence: expect.stringMatching(/chap-remote: .*Read-only file system/),
      hint: expect.stringContaining('--remote-dir'),
    })
  } finally {
    await machine.stop()
  }
})

testWith(
  'linux',
  'ssh',
  'root',
  'namespaces',
)('a network that has no way there', async () => {
  const args = ['--net', process.execPath, program, 'doctor', '--json', '198.51.100.1']
  const { stdout, exitCode } = await execa('unshare', args, { env: spool.env, extendEnv: false, reject: false })
  expect(exitCode).toBe(1)
  const { steps } = JSON.parse(stdout) as { steps: Step[] }
  expect(steps.filter(({ status }) => status === 'fail')).toMatchObject([
    { name: 'tcp', code: 'unreachable', evidence: expect.stringContaining('ENETUNREACH') },
    {
      name: 'connection',
      code: 'unreachable',
      evidence: expect.stringContaining('Network is unreachable'),
      hint: expect.stringContaining('VPN'),
    },
  ])
})

test('a host that a transport reaches', async () => {
  const env = { CHAP_CONFIG: join(spool.root, 'config.toml') }
  const config = `
[transports.box]
command = ["env", "BOX={host}", "sh", "-c"]
[transports.none]
command = ["no-such-program", "{host}"]
[hosts.box1]
transport = "box"
remote_dir = "${remoteDir(spool)}"
[hosts.box2]
transport = "none"
`
  writeFileSync(env.CHAP_CONFIG, config, { mode: 0o600 })
  const good = await chap(['doctor', 'box1'], { spool, env })
  expect(good).toMatchObject({ exitCode: 0, stderr: '' })
  expect(good.stdout).toContain(`ok    directory     ${remoteDir(spool)}\n`)
  const bad = await chap(['doctor', 'box2'], { spool, env })
  expect(bad.exitCode).toBe(1)
  expect(bad.stdout).toMatch(/^FAIL {2}sh .*no-such-program ENOENT/m)
})

test('a directory whose disk hangs is what is told, in time', async () => {
  // What looks into it never comes back.
  const bin = join(spool.root, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'df'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 })
  writeFileSync(
    join(spool.root, 'config.toml'),
    `[transports.box]\ncommand = ["env", "PATH=${bin}:${spool.env['PATH']}", "sh", "-c"]\n[hosts.box]\ntransport = "box"\n`,
    { mode: 0o600 },
  )
  const env = { CHAP_CONFIG: join(spool.root, 'config.toml') }
  const { stdout, exitCode } = await chap(['doctor', '--connect-timeout', '1s', 'box'], { spool, env })
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^FAIL {2}directory .*no answer within 16 s about .*chap-remote/m)
})

rootTest('every login shell can be examined', async () => {
  for (const [name, { user, home }] of accounts) {
    if (name === 'nologin') continue
    const { failed, find } = await examine(sshd, sshd.destination(user))
    expect({ name, failed }).toEqual({ name, failed: [] })
    expect(find('directory')?.evidence).toBe(`${home}/.local/state/chap-remote`)
    expect(existsSync(join(home, '.local/state/chap-remote'))).toBe(false)
  }
})

test('this machine: the spool and its limits; others may write to it', async () => {
  const options = { spool }
  const good = await chap(['doctor'], options)
  expect(good).toMatchObject({ exitCode: 0, stderr: '' })
  expect(existsSync(spool.dir), 'made by looking').toBe(false)
  await chap(['run', '--', 'true'], options)
  chmodSync(spool.dir, 0o777)
  const { stdout, exitCode } = await chap(['doctor', '--json'], { ...options, env: { SSH_AUTH_SOCK: '/nowhere' } })
  expect(exitCode).toBe(1)
  const { steps } = JSON.parse(stdout) as { steps: Step[] }
  expect(steps.find(({ name }) => name === 'spool')).toMatchObject({ status: 'fail', hint: `chmod go-w ${spool.dir}` })
  expect(steps.find(({ name }) => name === 'agent')).toMatchObject({ status: 'warn' })
  expect(statSync(spool.dir).mode & 0o777).toBe(0o777)
})

test('an ssh that does not know the options that chap gives it', async () => {
  const bin = join(spool.root, 'bin')
  mkdirSync(bin)
  const words = 'command-line: line 0: Bad configuration option: stdinnull'
  const script = `#!/bin/sh\n[ "$1" = -V ] && echo 'OpenSSH_8.0p1, OpenSSL 1.1.1k' >&2 && exit\necho '${words}' >&2; exit 255\n`
  writeFileSync(join(bin, 'ssh'), script, { mode: 0o755 })
  const env = { PATH: `${bin}:${spool.env['PATH']}` }
  const host = await chap(['doctor', 'gpu1'], { spool, env })
  expect(host).toMatchObject({ exitCode: 1, stderr: '' })
  expect(host.stdout).toMatch(/^FAIL {2}ssh here {6}OpenSSH_8\.0p1: .*stdinnull.*\n +hint: .*OpenSSH 8\.7/m)
  // Jobs of this machine run without.
  expect(await chap(['doctor'], { spool, env })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^WARN {2}ssh here/m),
  })
})

test('a config file that is not good is the step that fails', async () => {
  const env = { CHAP_CONFIG: join(spool.root, 'config.toml') }
  writeFileSync(env.CHAP_CONFIG, '[hosts.gpu1]\nprot = 1\n', { mode: 0o600 })
  const { stdout, exitCode } = await chap(['doctor', 'gpu1'], { spool, env })
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^FAIL {2}config file {3}.*hosts\.gpu1\.prot is not known/)
})
