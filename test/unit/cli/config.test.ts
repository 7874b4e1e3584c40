/** The config file: what may stand there, who may write it, and that it means what would be typed. */
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXAMPLE } from '../../../src/cli/config/example.ts'
import { findConfig, readConfigText } from '../../../src/cli/config/file.ts'
import { type Config, parseConfig } from '../../../src/cli/config/parse.ts'
import { configSchema } from '../../../src/cli/config/schema.ts'
import type { Context } from '../../../src/cli/context.ts'
import { isProblem } from '../../../src/cli/problem.ts'
import { wordsOfProblem } from '../../../src/cli/problem-words.ts'
import { resolveOptions } from '../../../src/cli/resolve.ts'
import { addStartOptions, type StartOptions } from '../../../src/cli/start-options.ts'
import { testWith } from '../../rig/requires.ts'

let dir: string
let path: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'chap-t-config-'))
  path = join(dir, 'config.toml')
})
afterEach(() => rmSync(dir, { recursive: true }))

const good = (text: string): Config => {
  const config = parseConfig('/etc/chap.toml', text)
  if ('code' in config) throw new Error(wordsOfProblem({ code: 'config', fault: config }).message)
  return config
}

const wrong = (text: string): string => {
  const fault = parseConfig('/c.toml', text)
  return 'code' in fault ? wordsOfProblem({ code: 'config', fault }).message : 'nothing is wrong'
}

test('the example is good, and shows every key', () => {
  const live = EXAMPLE.replaceAll(/^#(?=\S)/gm, '')
  expect(live).not.toBe(EXAMPLE)
  const config = good(live)
  expect([...config.hosts.keys()]).toEqual(['gpu1', 'web1', 'pod1'])
  const { known } = configSchema((file) => file)
  for (const key of known(['hosts', 'x', 'key'])) expect(live).toMatch(new RegExp(`^${key} = `, 'm'))
  // As it is printed, it says nothing.
  expect(good(EXAMPLE)).toEqual({ defaults: {}, hosts: new Map(), transports: new Map(), clusters: new Map() })
})

test.each([
  ['x = 1', '/c.toml: x is not known'],
  ['[clusters]\na = "@b"', '/c.toml: clusters.a is to be a node set such as web[01-40],@db, not "@b"'],
  ['[clusters]\na = "@b"\nb = "@a"', /clusters\.a is to be a node set/],
  ['[host.a]', '/c.toml: host is not known; did you mean hosts?'],
  ['[hosts.a]\nprot = 1', '/c.toml: hosts.a.prot is not known; did you mean port?'],
  ['[hosts.a]\nremote-dir = "x"', '/c.toml: hosts.a.remote-dir is not known; did you mean remote_dir?'],
  ['[hosts.a]\nname = "x"', '/c.toml: hosts.a.name is not known'],
  ['[defaults]\nhost = "x"', '/c.toml: defaults.host is not known'],
  ['[hosts.a]\nport = 0', '/c.toml: hosts.a.port is to be a port, 1 to 65535, not "0"'],
  ['[hosts.a]\nport = true', '/c.toml: hosts.a.port is to be text or a number, not true'],
  ['[hosts."a.b"]\nplain = "yes"', '/c.toml: hosts."a.b".plain is to be true or false, not "yes"'],
  ['[hosts.a]\nkeepalive = 15', '/c.toml: hosts.a.keepalive is to be SECONDSxCOUNT, such as 15x3, not "15"'],
  ['[hosts.a]\nhost = "u@b"', '/c.toml: hosts.a.host is to be a name or an address, without user and port, not "u@b"'],
  ['[hosts.a]\nhost = "-oX=y"', /hosts\.a\.host is to be a name or an address/],
  ['[hosts.a]\nuser = "-l"', /hosts\.a\.user is to be the name of a user/],
  ['[hosts."a:22"]', '/c.toml: hosts."a:22" is to be a name or an address, without user and port, not this name'],
  ['[[hosts]]\nport = 1', '/c.toml: hosts is to be a table, not a list'],
  ['[hosts]\na = 2026-01-01', '/c.toml: hosts.a is to be a table, not a date'],
  ['defaults = []', '/c.toml: defaults is to be a table, not a list'],
  ['[hosts.a]\nlabels = 2026-01-01', /labels is to be a table .*, not a date$/],
  ['hosts = 1', '/c.toml: hosts is to be a table, not 1'],
  ['[hosts]\na = 1', '/c.toml: hosts.a is to be a table, not 1'],
  ['[hosts.a]\non_disconnect = "stay"', /on_disconnect is to be .*keep, kill, not "stay"/],
  ['[hosts.a]\nenv = ["TOKEN=secret", true]', /hosts\.a\.env is to be a table .* not a list$/],
  ['[hosts.a]\njump = 2026-01-01', /hosts\.a\.jump is to be text or a number, not a date/],
  ['[hosts.a]\ntransport = "usk"\n[transports.ush]\ncommand = ["ush"]', /hosts\.a\.transport .* did you mean ush\?/],
  ['[transports.ush]\ncommand = []', /transports\.ush\.command is to be a list of words/],
  ['[transports.ush]', /transports\.ush\.command is missing$/],
  ['[transports.ush]\ncommand = ["a"]\nwords = "all"', /transports\.ush\.words is to be "line" or "argv", not "all"/],
  [
    '[hosts.a]\nport = true\n[hosts.b]\njmp = 1',
    /hosts\.a\.port is to be .*; hosts\.b\.jmp is not known; did you mean jump/,
  ],
  ['a = ', /^\/c\.toml:1:\d+: /],
  ['[hosts.a]\nenv = { TOKEN = "secret" \n', /^\/c\.toml:\d+:\d+: /],
])('%j is refused with its place', (text, message) => {
  const said = wrong(text)
  expect(said).toMatch(message)
  expect(said).not.toContain('secret')
})

test('no text at all throws', () => {
  const words = fc.constantFrom(
    '[hosts.a]\n',
    '[defaults]\n',
    'port',
    'env',
    ' = ',
    '1',
    '"x"',
    '{ a = 1 }',
    '[',
    ']',
    '\n',
    '__proto__',
    '.',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((some) => some.join('')),
      ),
      (text) => {
        expect(wrong(text)).toMatch(/\/c\.toml|nothing is wrong/)
      },
    ),
  )
})

const root = testWith('linux', 'root')

test('a file that others may write is refused; a link to a good one is not', () => {
  writeFileSync(path, '', { mode: 0o600 })
  const link = join(dir, 'link.toml')
  symlinkSync(path, link)
  expect(readConfigText({ path: link, isNamed: true })).toEqual({ text: '' })
  for (const mode of [0o620, 0o602, 0o666]) {
    chmodSync(path, mode)
    expect(readConfigText({ path, isNamed: false })).toEqual({ code: 'open_to_others', path, mode })
  }
  expect(readConfigText({ path: dir, isNamed: false })).toMatchObject({ code: 'not_a_file' })
})

root("another user's file is refused", () => {
  writeFileSync(path, '', { mode: 0o600 })
  chownSync(path, 12_345, 12_345)
  expect(readConfigText({ path, isNamed: false })).toEqual({ code: 'foreign', path, uid: 12_345 })
})

test('a file that is not there is one only when it was named', () => {
  expect(readConfigText({ path, isNamed: false })).toBeNull()
  expect(readConfigText({ path, isNamed: true })).toEqual({ code: 'absent', path })
  expect(findConfig({}, '/home/me')).toEqual({ path: '/home/me/.config/chap/config.toml', isNamed: false })
  expect(findConfig({ XDG_CONFIG_HOME: '/x' }, '/home/me')).toEqual({ path: '/x/chap/config.toml', isNamed: false })
  expect(findConfig({ XDG_CONFIG_HOME: '/x', CHAP_CONFIG: '/c' }, '/')).toEqual({ path: '/c', isNamed: true })
  expect(findConfig({ CHAP_CONFIG: 'none' }, '/')).toBeNull()
})

const output = { isTerminal: false, columns: 80, write: () => Promise.resolve(true) }

/** What start's options become when this is typed. */
const type = async (text: string, host: string | undefined, ...words: readonly string[]): Promise<StartOptions> => {
  writeFileSync(path, text, { mode: 0o600 })
  const context: Context = {
    env: {},
    spool: '/spool',
    config: { path, isNamed: true },
    stdout: output,
    stderr: output,
    now: () => 0,
    cwd: () => '/work',
    self: () => ({ user: 'me', host: 'here', pid: 1 }),
    input: () => {
      throw new Error('nothing is read')
    },
    readInput: () => Buffer.alloc(0),
    askSecret: () => undefined,
    onSignal: () => () => undefined,
  }
  const command = addStartOptions(new Command()).exitOverride()
  command.parse(host === undefined ? [...words] : [...words, host], { from: 'user' })
  const resolved = await resolveOptions<StartOptions>(context, command, host)
  if (isProblem(resolved)) throw new Error(wordsOfProblem(resolved).message)
  return resolved.options
}

const TEXT = `
[defaults]
connect_timeout = "20s"
keepalive = "5x2"
port = 1
env = { A = "default", B = "default" }
ssh_options = { Compression = true, Ciphers = "default" }
labels = { a = "default", b = "default" }
cwd = "/default"

[hosts.gpu1]
host = "10.0.0.1"
user = "me"
port = 2222
connect_timeout = 30
env = ["B=entry", "C=entry"]
ssh_options = ["Ciphers=entry"]
labels = { b = "entry" }
identity = "keys/id"
ssh_config = "none"

[hosts.pod1]
transport = "kube"

[transports.kube]
command = ["kubectl", "exec", "pod/{host}"]
words = "argv"

[transports.as]
command = ["as", "{user}@{host}:{port}"]
`

test('the command line wins over the entry, and that over the defaults', async () => {
  const entry = await type(TEXT, 'gpu1')
  expect(entry).toMatchObject({
    destination: 'me@10.0.0.1',
    port: 2222,
    connectTimeout: 30_000,
    keepalive: { interval: 5, count: 2 },
    onDisconnect: 'keep',
    env: ['A=default', 'B=default', 'B=entry', 'C=entry'],
    sshOption: ['Ciphers=entry', 'Compression=true', 'Ciphers=default'],
    label: { a: 'default', b: 'entry' },
    identity: join(dir, 'keys/id'),
    sshConfig: 'none',
    cwd: '/default',
  })
  const typed = [
    '-p',
    '3',
    '--connect-timeout',
    '1s',
    '--keepalive',
    '15x3',
    '-e',
    'A=typed',
    '-o',
    'Ciphers=typed',
    '-l',
    'b=typed',
  ]
  expect(await type(TEXT, 'gpu1', ...typed)).toMatchObject({
    port: 3,
    connectTimeout: 1_000,
    // The default's own value, typed.
    keepalive: { interval: 15, count: 3 },
    env: ['A=default', 'B=default', 'B=entry', 'C=entry', 'A=typed'],
    sshOption: ['Ciphers=typed', 'Ciphers=entry', 'Compression=true', 'Ciphers=default'],
    label: { a: 'default', b: 'typed' },
  })
})

test('a user and a port before and after the name win over the entry', async () => {
  expect(await type(TEXT, 'you@gpu1:4')).toMatchObject({ destination: 'you@10.0.0.1', port: 4 })
  expect(await type(TEXT, 'you@gpu1')).toMatchObject({ destination: 'you@10.0.0.1', port: 2222 })
})

test('another name, and an address, go to ssh as they are', async () => {
  expect(await type(TEXT, 'me@gpu2')).toMatchObject({ destination: 'me@gpu2', port: 1, connectTimeout: 20_000 })
  const address = await type(TEXT, 'ssh://gpu1')
  expect(address.destination).toBeUndefined()
  expect(address).toMatchObject({ port: 1, connectTimeout: 20_000 })
  expect((await type(TEXT, 'ssh://gpu1:22')).port).toBeUndefined()
  await expect(type(TEXT, 'ssh://gpu1', '--transport', 'kube')).rejects.toThrow('no ssh:// address')
  for (const name of ['constructor', '__proto__', 'toString'])
    expect(await type(TEXT, name)).toMatchObject({ destination: name, port: 1 })
})

test('a job of this machine takes no default that is about another one', async () => {
  const here = await type(TEXT, undefined)
  expect(here).toMatchObject({ connectTimeout: 20_000, env: ['A=default', 'B=default'], label: { a: 'default' } })
  for (const name of ['port', 'sshOption', 'cwd', 'destination'] as const) expect(here[name]).toBeUndefined()
})

test('a transport by default is one for names, and leaves addresses to ssh', async () => {
  const text = TEXT.replace('[defaults]', '[defaults]\ntransport = "kube"')
  expect(await type(text, 'ssh://gpu1')).toMatchObject({ port: 1, sshOption: ['Compression=true', 'Ciphers=default'] })
  expect((await type(text, 'gpu3')).hop?.argv).toEqual(['kubectl', 'exec', 'pod/gpu3'])
  expect((await type(text, undefined)).transport).toBeUndefined()
})

test('what can be given several times may be given once', async () => {
  expect((await type('[hosts.a]\nenv = "A=1"\nssh_options = "X=y"', 'a')).env).toEqual(['A=1'])
})

test('a transport takes its host, and of ssh nothing', async () => {
  const pod = await type(TEXT, 'pod1')
  expect(pod).toMatchObject({
    hop: { argv: ['kubectl', 'exec', 'pod/pod1'], words: 'argv' },
    env: ['A=default', 'B=default'],
  })
  expect(pod.sshOption).toBeUndefined()
  expect(await type(TEXT, 'x@y:7', '--transport', 'as')).toMatchObject({
    hop: { argv: ['as', 'x@y:7'], words: 'line' },
  })
  await expect(type(TEXT, 'y', '--transport', 'as')).rejects.toThrow('needs a user')
  await expect(type(TEXT, 'x@pod1')).rejects.toThrow('takes no user')
  await expect(type(TEXT, 'y', '--transport', 'nope')).rejects.toThrow('there is no transport nope')
})
