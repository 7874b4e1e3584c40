// Passwords and passphrases: they let a job in, stay in the chaperone's memory, and are nowhere else.

import { randomBytes } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { readOwner } from '../../src/spool/chaperones.ts'
import { jobPaths } from '../../src/spool/layout.ts'
import type { StateRecord } from '../../src/spool/schema.ts'
import { type Account, createAccounts, setPassword } from '../rig/accounts.ts'
import { type ChapResult, chap, program } from '../rig/chap.ts'
import { needProgram } from '../rig/programs.ts'
import { requires, testWith } from '../rig/requires.ts'
import { expectNowhere } from '../rig/secret.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { openTerminal, type Terminal } from '../rig/terminal.ts'
import { until } from '../rig/until.ts'

const needs = ['linux', 'root', 'ssh', 'sshd', 'dash', 'tmux'] as const
const test = testWith(...needs)
const password = `pw ${randomBytes(8).toString('hex')} "$é'`
const passphrase = `phrase ${randomBytes(8).toString('hex')}`

let sshd: Sshd
let account: Account
let spool: Spool
let terminals: Terminal[]

beforeAll(async () => {
  if (requires(...needs) !== undefined) return
  // Both of sshd's ways to a password: keyboard-interactive, for which it needs PAM, and password.
  const both = ['UsePAM yes', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication yes']
  const [server, accounts] = await Promise.all([startSshd({ config: both }), createAccounts()])
  const found = accounts.get('sh')
  if (found === undefined) throw new Error('no account')
  sshd = server
  account = found
  await setPassword(account, password)
  const key = `${sshd.dir}/encrypted`
  await execa(needProgram('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', passphrase, '-f', key])
  writeFileSync(`${sshd.dir}/authorized_keys`, readFileSync(`${key}.pub`), { flag: 'a' })
  const config = readFileSync(sshd.sshConfig, 'utf8').replace(`${sshd.dir}/client_key`, key)
  writeFileSync(`${sshd.dir}/encrypted_config`, config)
})
afterAll(() => sshd?.stop())
beforeEach(async () => {
  spool = await makeSpool()
  terminals = []
})
afterEach(async () => {
  for (const terminal of terminals) terminal.close()
  await cleanUp(spool)
})

const passwordFile = (content = `${password}\n`, mode = 0o600): string => {
  const path = `${spool.root}/password`
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

const BOTH = 'keyboard-interactive,password'
/** Says `in`, and goes on when it is told to. */
const script = (): string => `echo in; until [ -e ${spool.root}/go ]; do sleep 0.05; done; echo out; exit 7`
const words = (how: readonly string[], ways = BOTH, config = sshd.sshConfig): string[] => {
  const options = ['-F', config, '-o', `PreferredAuthentications=${ways}`, ...how]
  return ['start', ...options, sshd.destination(account.user), '--', 'sh', '-c', script()]
}
/** Only by a password, unless told. */
const start = (...how: Parameters<typeof words>): Promise<ChapResult> => chap(words(...how), { spool })

const go = (): void => {
  writeFileSync(`${spool.root}/go`, '')
  chmodSync(spool.root, 0o755)
}
const stateOf = (id: string): StateRecord => JSON.parse(readFileSync(jobPaths(spool.dir, id).state, 'utf8'))
const logOf = (id: string): string => readFileSync(jobPaths(spool.dir, id).log, 'utf8')
const jobs = (): string[] => readdirSync(`${spool.dir}/jobs`).filter((name) => !name.startsWith('.'))
const refusals = (): number => readFileSync(sshd.log, 'utf8').match(/^Failed (password|keyboard)/gm)?.length ?? 0

const killChaperone = async (id: string): Promise<void> => {
  const owner = readOwner(jobPaths(spool.dir, id))?.identity
  if (owner === undefined) throw new Error(`${id} has no owner`)
  await killAll([{ pid: owner.pid, startTime: Number(owner.startTime) }])
}
const untilRunning = (id: string): Promise<unknown> =>
  until(() => stateOf(id).state === 'running', { deadline: 20_000, what: 'a link' })

/** Lets it go on, and sees it end well; nothing of the secret stays, and no socket. */
const finish = async (id: string, secret = password): Promise<void> => {
  go()
  const attached = await chap(['attach', id], { spool })
  expect(attached, attached.stderr + logOf(id)).toMatchObject({ stdout: 'in\nout\n', exitCode: 7 })
  await until(() => stateOf(id).link.state === 'closed', { deadline: 10_000, what: 'the end of its chaperone' })
  rmSync(`${spool.root}/password`, { force: true })
  expectNowhere(secret, [spool.root])
  await until(() => readdirSync(`${spool.root}/run/chap`).length === 0, { deadline: 5_000, what: 'no socket' })
}

const runs = (result: ChapResult): string => {
  expect(result, result.stderr).toMatchObject({ exitCode: 0 })
  return result.stdout.trim()
}

describe.each(['password', 'keyboard-interactive'])('by %s', (way) => {
  test('a password from a file lets the job in, and is nowhere while it runs', async () => {
    const id = runs(await start(['--password-file', passwordFile()], way))
    rmSync(`${spool.root}/password`)
    expectNowhere(password, [spool.root])
    await finish(id)
  })

  test('a wrong one is tried once, and the job is refused at once', async () => {
    const before = refusals()
    const started = await start(['--password-file', passwordFile('wrong')], way)
    expect(started.exitCode).toBe(125)
    expect(started.stderr).toMatch(/never began: .* does not let you in \(.*Permission denied \(/)
    expect(refusals() - before).toBe(1)
  })
})

test('a wrong password is not sent again by another way', async () => {
  const before = refusals()
  const started = await start(['--password-file', passwordFile('wrong')])
  expect(started.exitCode).toBe(125)
  expect(started.stderr).toMatch(/does not let you in \(not accepted, asked again: .*password/)
  expect(refusals() - before).toBe(1)
})

describe('a wrong password, whatever comes behind the ssh that asks for it', () => {
  const ways: Readonly<Record<string, readonly string[]>> = {
    'ssh-then-sudo': ['--sudo', 'root'],
    relay: ['--relay', 'rig'],
    'a prefix at the host': ['--via', 'env'],
    'a connection that is shared': ['--share-connection'],
    'no launcher': ['--plain'],
  }
  for (const [way, how] of Object.entries(ways))
    test(`${way}: refused at once, with ssh's words, and sent once`, async () => {
      const before = refusals()
      const user = how[0] === '--relay' ? ['-o', `User=${account.user}`] : []
      const started = await start(['--password-file', passwordFile('wrong'), ...how, ...user], 'password')
      expect(started.exitCode, started.stderr).toBe(125)
      expect(started.stderr).toMatch(/does not let you in \(.*Permission denied/)
      expect(refusals() - before).toBe(1)
    })
})

test('a password where chap does not call ssh by itself: said, and nothing is started', async () => {
  const file = ['--password-file', passwordFile()]
  for (const how of [['--sudo-first', 'root', 'rig'], ['--via', 'env {host}', 'rig'], ['--sudo', 'root'], []]) {
    const started = await chap(['start', ...file, ...how, '--', 'true'], { spool })
    expect(started.exitCode, started.stderr).toBe(2)
    expect(started.stderr).toContain('password')
  }
})

test('a password from a command', async () => {
  writeFileSync(`${spool.home}/vault`, password)
  const id = runs(await start(['--password-command', 'cat vault']))
  rmSync(`${spool.home}/vault`)
  await finish(id)
})

test('a key behind a passphrase; what opens a key is never sent to the server', async () => {
  const file = ['--password-file', passwordFile(passphrase)]
  await finish(runs(await start(file, 'publickey', `${sshd.dir}/encrypted_config`)), passphrase)
  rmSync(`${spool.root}/go`)
  const before = refusals()
  const wrong = ['--password-file', passwordFile('wrong')]
  const started = await start(wrong, `publickey,${BOTH}`, `${sshd.dir}/encrypted_config`)
  expect(started.exitCode).toBe(125)
  expect(refusals() - before).toBe(0)
})

test('over a shared connection: one login for two jobs; a wrong password is refused at once', async () => {
  const accepted = (): number => readFileSync(sshd.log, 'utf8').match(/^Accepted (password|keyboard)/gm)?.length ?? 0
  const before = { accepted: accepted(), refused: refusals() }
  const wrong = await start(['--share-connection', '--password-file', passwordFile('wrong')])
  expect(wrong.exitCode).toBe(125)
  expect(wrong.stderr).toMatch(/does not let you in/)
  expect(refusals() - before.refused).toBe(1)
  const how = ['--share-connection', '--password-file', passwordFile()]
  const ids = [runs(await start(how)), runs(await start(how))]
  rmSync(`${spool.root}/password`)
  expectNowhere(password, [spool.root])
  go()
  for (const id of ids)
    expect(await chap(['attach', id], { spool })).toMatchObject({ stdout: 'in\nout\n', exitCode: 7 })
  expect(accepted() - before.accepted).toBe(1)
})

test('by --plain, and without multiplexing', async () => {
  const file = ['--password-file', passwordFile()]
  const options = ['-F', sshd.sshConfig, '-o', `PreferredAuthentications=${BOTH}`, ...file]
  const plain = await chap(['run', ...options, '--plain', sshd.destination(account.user), '--', 'id', '-un'], { spool })
  expect(plain, plain.stderr).toMatchObject({ exitCode: 0, stdout: `${account.user}\n` })
  const narrow = await startSshd({ config: ['UsePAM yes', 'PasswordAuthentication yes', 'MaxSessions 1'] })
  try {
    const there = ['-F', narrow.sshConfig, '-o', 'PreferredAuthentications=password', ...file]
    const run = await chap(['run', ...there, narrow.destination(account.user), '--', 'id', '-un'], { spool })
    expect(run, run.stderr).toMatchObject({ exitCode: 0, stdout: `${account.user}\n` })
  } finally {
    await narrow.stop()
  }
})

const badFiles = [
  ['missing', undefined, 0, /password file can't be read: .*ENOENT/],
  ['empty', '\nsecond line\n', 0o600, /no password in the first line/],
  ['open to others', 'x\n', 0o640, /others can read the password file .*640.*chmod 600/s],
  ['too long', 'x'.repeat(1_024), 0o600, /no password of more than 1023 bytes/],
] as const
for (const [what, content, mode, message] of badFiles)
  test(`a password file that is ${what}: said, and nothing is started`, async () => {
    const path = content === undefined ? `${spool.root}/none` : passwordFile(content, mode)
    const started = await start(['--password-file', path])
    expect(started).toMatchObject({ exitCode: 2, stdout: '' })
    expect(started.stderr).toMatch(message)
    expect(() => jobs()).toThrow('ENOENT')
  })

test('a password command that fails: said, and nothing is started', async () => {
  const started = await start(['--password-command', 'exit 3'])
  expect(started).toMatchObject({ exitCode: 2, stdout: '' })
  expect(started.stderr).toContain('it ended with 3')
})

test('after a cut the chaperone has it in memory', async () => {
  const id = runs(await start(['--password-file', passwordFile()]))
  rmSync(`${spool.root}/password`)
  await sshd.killSessions()
  await until(() => stateOf(id).link.generation > 1, { deadline: 20_000, what: 'a second link' })
  await finish(id)
  expect(stateOf(id).link.generation).toBe(2)
})

test('after the death of the chaperone the file is read again; if it is gone, that is said', async () => {
  const path = passwordFile()
  const id = runs(await start(['--password-file', path]))
  rmSync(path)
  await killChaperone(id)
  for (const command of ['attach', 'recover', 'wait', 'kill']) {
    const without = await chap([command, id], { spool })
    expect(without, command).toMatchObject({ exitCode: 125 })
    expect(without.stderr, command).toContain(`${id} waits for its password`)
    expect(without.stderr, command).toContain(`hint: chap recover --ask-password ${id}`)
  }
  expect(readdirSync(jobPaths(spool.dir, id).chaperones)).toEqual(['1'])
  passwordFile()
  // The kill was recorded: it is carried out.
  expect(await chap(['attach', id], { spool })).toMatchObject({ exitCode: 143 })
})

test('after the death of the chaperone the command is run again', async () => {
  writeFileSync(`${spool.home}/vault`, password)
  const id = runs(await start(['--password-command', 'echo run >>runs; cat vault']))
  await killChaperone(id)
  const recovered = await chap(['recover', id], { spool })
  expect(recovered, recovered.stderr).toMatchObject({ exitCode: 0 })
  expect(readFileSync(`${spool.home}/runs`, 'utf8')).toBe('run\nrun\n')
  rmSync(`${spool.home}/vault`)
  await finish(id)
})

const open = (args: readonly string[]): Terminal => {
  const terminal = openTerminal(spool, `tmux${terminals.length}`, [process.execPath, program, ...args])
  terminals.push(terminal)
  return terminal
}
const QUESTION = 'password or passphrase for '

const typePassword = async (terminal: Terminal): Promise<string> => {
  await terminal.untilShown(QUESTION)
  terminal.type(`${password}x`)
  terminal.press('BSpace')
  terminal.press('Enter')
  return terminal.screen()
}

test('typed at a terminal, unseen; after the death of the chaperone a terminal is asked again', async () => {
  const first = open(words(['--ask-password']))
  await typePassword(first)
  const screen = await first.untilShown('status 0')
  const [id = ''] = jobs()
  expect(screen).toContain(`${id} runs at`)
  expect(screen).not.toContain(password.slice(0, 8))
  expectNowhere(password, [spool.root])

  await killChaperone(id)
  // A session of its own has no terminal.
  const alone = await execa(needProgram('setsid'), ['--wait', process.execPath, program, 'recover', '--all'], {
    env: spool.env,
    extendEnv: false,
    reject: false,
  })
  expect(alone).toMatchObject({ exitCode: 125 })
  expect(alone.stderr).toContain(`${id} waits for its password: there is no terminal to type it at`)
  expect(alone.stderr).toContain(`hint: chap recover --ask-password ${id}`)

  const second = open(['attach', id])
  await typePassword(second)
  await second.untilShown('a new one took over')

  await killChaperone(id)
  const third = open(['recover', '--ask-password', id])
  await typePassword(third)
  await third.untilShown('status 0')
  await untilRunning(id)
  go()
  expect(await second.untilShown('status 7')).toMatch(/in\s+.*out/s)
  expectNowhere(password, [spool.root])
})

test('Ctrl-C at the question: nothing is started, and the terminal is as it was', async () => {
  const terminal = open(words(['--ask-password']))
  await terminal.untilShown(QUESTION)
  terminal.press('C-c')
  expect(await terminal.untilShown('status')).toMatch(/chap: no password was typed\s+status 2/)
  expect(() => jobs()).toThrow('ENOENT')
})

test('no terminal to ask at: said, and nothing is started', async () => {
  const argv = ['--wait', process.execPath, program, ...words(['--ask-password'])]
  const started = await execa(needProgram('setsid'), argv, { env: spool.env, extendEnv: false, reject: false })
  expect(started).toMatchObject({ exitCode: 2, stdout: '' })
  expect(started.stderr).toContain('there is no terminal to type it at\nhint: --password-file')
})

describe('the key of a host', () => {
  const known = (content: string): readonly string[] => {
    writeFileSync(`${spool.root}/known`, content)
    return ['-o', `UserKnownHostsFile=${spool.root}/known`, '--password-file', passwordFile()]
  }
  const another = (): string => {
    const key = readFileSync(`${sshd.dir}/client_key.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
    return `${sshd.host} ${key}\n`
  }

  test('that was never seen is refused, also where ssh would ask a person', async () => {
    const before = refusals()
    const started = await start([...known(''), '-o', 'StrictHostKeyChecking=ask'])
    expect(started.exitCode).toBe(125)
    expect(started.stderr).toMatch(/is not trusted \(Host key verification failed/)
    expect(started.stderr).toContain('--accept-new')
    expect(refusals()).toBe(before)
  })

  test('is taken with --accept-new', async () => {
    await finish(runs(await start([...known(''), '--accept-new'])))
    expect(readFileSync(`${spool.root}/known`, 'utf8')).toContain('ssh-ed25519')
  })

  test('that has changed is refused all the same', async () => {
    const started = await start([...known(another()), '--accept-new'])
    expect(started.exitCode).toBe(125)
    expect(started.stderr).toMatch(/is not the one that is known \(Host key for rig has changed/)
    expect(started.stderr).toContain('remove the line')
    expect(readFileSync(`${spool.root}/known`, 'utf8')).toBe(another())
  })
})

test('a group: one password file lets all of its jobs in, and a wrong one is sent once for each', async () => {
  const config = `${spool.root}/ssh_config`
  const hosts = `Host web1 web2 web3\n  User ${account.user}`
  writeFileSync(config, readFileSync(sshd.sshConfig, 'utf8').replace(/^Host .*$/m, hosts))
  const options = ['-F', config, '-o', `PreferredAuthentications=${BOTH}`, '--host', 'web[1-3]']
  const startGroup = (path: string): Promise<ChapResult> =>
    chap(['start', ...options, '--password-file', path, '--', 'sh', '-c', script()], { spool })
  const started = await startGroup(passwordFile())
  expect(started, started.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^[a-z0-9]{4}\n$/) })
  rmSync(`${spool.root}/password`)
  expectNowhere(password, [spool.root])
  go()
  const all = await chap(['attach', started.stdout.trim()], { spool })
  expect(all.stdout.split('\n').filter(Boolean).sort(), all.stderr).toEqual(
    ['web1', 'web2', 'web3'].flatMap((host) => [`${host} | in`, `${host} | out`]),
  )
  expect(all.exitCode).toBe(7)
  await until(() => jobs().every((id) => stateOf(id).link.state === 'closed'), { deadline: 10_000, what: 'the ends' })
  expectNowhere(password, [spool.root])
  const before = refusals()
  const wrong = await startGroup(passwordFile('wrong'))
  expect(wrong.exitCode, wrong.stderr).toBe(125)
  expect(wrong.stderr).toContain('3 refused')
  expect(refusals() - before).toBe(3)
})
