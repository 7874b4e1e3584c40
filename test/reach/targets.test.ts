// A host by any of its names: as ssh knows it, with its port, and as the config file says.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { launcherText } from '../../src/transport/launcher.ts'
import { formatHello } from '../../src/transport/protocol.ts'
import { type ChapResult, chap } from '../rig/chap.ts'
import { remoteDir } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'

const test = testWith('linux', 'sshd', 'ssh')

let sshd: Sshd
let spool: Spool

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const writeConfig = (text: string): string => {
  const path = join(spool.home, '.config/chap/config.toml')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

/** The server by its address alone, with nothing of the rig's ssh configuration. */
const entryByAddress = (): string => `
[hosts.gpu1]
host = "127.0.0.1"
port = ${sshd.port}
user = "${userInfo().username}"
identity = "${sshd.dir}/client_key"
ssh_config = "none"
ssh_options = { UserKnownHostsFile = "${sshd.dir}/known_hosts", HostKeyAlias = "rig", IdentityAgent = "none" }
remote_dir = "${remoteDir(spool)}"
env = { FROM_ENTRY = "it's mine" }
`

const run = (...args: readonly string[]): Promise<ChapResult> => chap(args, { spool })

test('an entry of the config file runs a job, with all that it says', async () => {
  writeConfig(`[defaults]\nlabels = { from = "defaults" }\n${entryByAddress()}cwd = "/usr"\n`)
  const { stdout, stderr, exitCode } = await run('run', '-n', 'job', 'gpu1', '-c', 'echo "$FROM_ENTRY $PWD"; exit 5')
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: "it's mine /usr\n", stderr: '', exitCode: 5 })
  expect(JSON.parse((await run('inspect', 'job', '--json')).stdout)).toMatchObject({
    host: 'gpu1',
    labels: { from: 'defaults' },
  })
})

test('what is typed wins over the entry', async () => {
  writeConfig(`${entryByAddress()}cwd = "/usr"\n`)
  const typed = await run('run', '--cwd', '/', '-e', 'FROM_ENTRY=typed', 'gpu1', '-c', 'echo "$FROM_ENTRY $PWD"')
  expect(typed.stdout).toBe('typed /\n')
  const refused = await run('start', 'nobody-of-that-name@gpu1', '--', 'true')
  expect(refused).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('nobody-of-that-name@127.0.0.1') })
})

test('a host may say its port, and a name that has no entry is ssh’s', async () => {
  writeConfig(entryByAddress())
  const good = await run('run', '-F', sshd.sshConfig, `rig:${sshd.port}`, '--', 'echo', 'there')
  expect(good).toMatchObject({ stdout: 'there\n', exitCode: 0 })
  // The alias of ssh_config has the same port: a wrong one shows that what is typed counts.
  const { stdout } = await run('start', '--dry-run', '-F', sshd.sshConfig, 'rig:1', '--', 'true')
  expect(stdout).toContain(' -p 1 ')
})

test('a config file that is not good stops everything before anything is begun', async () => {
  const path = writeConfig('[hosts.gpu1]\nprot = 1\n')
  const { exitCode, stderr, stdout } = await run('start', 'gpu1', '--', 'true')
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(`${path}: hosts.gpu1.prot is not known; did you mean port?`)
  expect(existsSync(spool.dir)).toBe(false)
  expect((await chap(['run', '--', 'true'], { spool, env: { CHAP_CONFIG: 'none' } })).exitCode).toBe(0)
  expect(await chap(['run', '--', 'true'], { spool, env: { CHAP_CONFIG: '/nowhere.toml' } })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('there is no /nowhere.toml'),
  })
})

test('chap config says what it has read, and its example can be used', async () => {
  const path = writeConfig(entryByAddress())
  expect((await run('config')).stdout).toBe(`file       ${path}\nhost       gpu1\n`)
  writeConfig((await run('config', 'example')).stdout)
  expect(JSON.parse((await run('config', '--json')).stdout)).toEqual({ path, exists: true, hosts: [], transports: [] })
})

const hello = formatHello({
  nonce: '0123456789abcdef',
  generation: 1,
  isKnown: false,
  policy: 'keep',
  lease: 0,
  timeout: 0,
  idleTimeout: 0,
  maxOutput: 0,
  onMaxOutput: 'keep',
  grace: 10,
  root: null,
  name: 'dry-0123456789abcdef',
  series: null,
  runs: null,
  stdout: null,
  stderr: null,
  stdin: '/dev/null',
})

test('what --dry-run prints works when it is pasted, and nothing was started or written', async () => {
  writeConfig(entryByAddress())
  const { stdout, stderr, exitCode } = await run('start', '--dry-run', 'gpu1', '--', 'echo', "it's")
  expect(exitCode).toBe(0)
  expect(stderr).toContain(`echo 'it'\\''s'`)
  expect(stderr).not.toContain('mine')
  expect(existsSync(spool.dir)).toBe(false)
  expect(existsSync(join(spool.root, 'run/chap'))).toBe(false)
  expect(findByEnvironment('CHAP_SPOOL', spool.dir)).toEqual([])
  const env = { ...spool.env, CHAP_CONFIG: 'none' }
  const pasted = await execa('sh', ['-c', stdout], {
    env,
    extendEnv: false,
    input: `${launcherText()}${hello}`,
    reject: false,
  })
  expect(pasted.stdout).toMatch(/^CHAP1 0123456789abcdef 0 hello 1 \S+ absent$/m)
  expect(pasted.stderr).toContain('Authenticated to 127.0.0.1')
})

test('--dry-run of a job of this machine, and as a document', async () => {
  const local = await run('run', '--dry-run', '-e', 'SECRET=hidden', '--', 'true')
  const launcher = join(spool.root, 'launcher')
  writeFileSync(launcher, launcherText())
  const env = { ...spool.env, XDG_STATE_HOME: join(spool.root, 'state') }
  const pasted = await execa('sh', ['-c', `${local.stdout.trimEnd()} 3<'${launcher}'`], {
    env,
    extendEnv: false,
    input: hello,
  })
  expect(pasted.stdout).toContain('CHAP1 0123456789abcdef 0 hello 1')
  expect(local.stderr).toContain('with SECRET in its environment')
  expect(local.stderr).not.toContain('hidden')
  const { stdout } = await run('start', '--dry-run', '--json', '--plain', 'me@gpu1:2222', '--', 'ls', '-l')
  const { commands, launcher: none } = JSON.parse(stdout) as { commands: { argv: string[] }[]; launcher: unknown }
  expect(none).toBeNull()
  expect(commands.at(-1)?.argv.slice(-3)).toEqual(['--', 'me@gpu1', `'ls' '-l'`])
  const { stdout: settings } = await execa('ssh', ['-G', ...(commands.at(-1)?.argv.slice(1) ?? [])])
  for (const line of ['user me', 'hostname gpu1', 'port 2222', 'batchmode yes'])
    expect(settings.split('\n')).toContain(line)
})

test('a transport of the config file is what would be run', async () => {
  writeConfig(`
[transports.box]
command = ["env", "BOX={host}", "sh", "-c"]
[hosts.box1]
transport = "box"
`)
  const { stdout } = await run('start', '--dry-run', 'box1', '--', 'true')
  expect(stdout).toMatch(/^env BOX=box1 sh -c '/)
  const pasted = await execa('sh', ['-c', stdout], {
    env: { ...spool.env, XDG_STATE_HOME: join(spool.root, 'state') },
    extendEnv: false,
    input: `${launcherText()}${hello}`,
  })
  expect(pasted.stdout).toContain('CHAP1 0123456789abcdef 0 hello 1')
})

test('the rig’s own ssh configuration is what an entry can name', async () => {
  writeConfig(`[hosts.work]\nhost = "rig"\nssh_config = "../../ssh_config"\nremote_dir = "${remoteDir(spool)}"\n`)
  writeFileSync(join(spool.home, 'ssh_config'), readFileSync(sshd.sshConfig))
  expect(await run('run', 'work', '--', 'echo', 'here')).toMatchObject({ stdout: 'here\n', exitCode: 0 })
})
