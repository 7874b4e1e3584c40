// Whatever the login shell: argv, environment and directory arrive exactly, the status is true, a cut does no harm, nothing is left.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { type Account, createAccounts, type ShellName } from '../rig/accounts.ts'
import { hostileWords, longWord } from '../rig/hostile.ts'
import { expectLawful } from '../rig/invariants.ts'
import { type Draft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { requires, testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const needs = ['linux', 'root', 'ssh', 'sshd', 'busybox', 'dash', 'bash', 'mksh', 'fish', 'tcsh', 'zsh'] as const
const test = testWith(...needs)

/** Each shell's file that it reads before a command, and how it writes there without ending the line. */
const noise: Readonly<Record<Exclude<ShellName, 'nologin'>, readonly [file: string, command: string]>> = {
  sh: ['.profile', 'printf noise; printf noise >&2'],
  bash: ['.bashrc', 'printf noise; printf noise >&2'],
  zsh: ['.zshenv', 'printf noise; printf noise >&2'],
  fish: ['.config/fish/config.fish', 'printf noise; printf noise >&2'],
  tcsh: ['.tcshrc', `echo -n noise; sh -c 'printf noise >&2'`],
  mksh: ['.mkshrc', 'printf noise; printf noise >&2'],
  busybox: ['.profile', 'printf noise; printf noise >&2'],
  rbash: ['.bashrc', 'printf noise; printf noise >&2'],
}
const shells = Object.keys(noise) as (keyof typeof noise)[]

let sshd: Sshd
let accounts: Map<ShellName, Account>
let spool: Spool

beforeAll(async () => {
  if (requires(...needs) !== undefined) return
  ;[sshd, accounts] = await Promise.all([startSshd({ config: ['Banner /etc/os-release'] }), createAccounts()])
})
afterAll(() => sshd?.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const accountOf = (shell: ShellName): Account => {
  const account = accounts.get(shell)
  if (account === undefined) throw new Error(`no account for ${shell}`)
  return account
}

const makeFor = async (
  shell: ShellName,
  argv: readonly [string, ...string[]],
  change: Partial<Draft> = {},
): Promise<TestJob> => {
  const { user, home } = accountOf(shell)
  const route = {
    kind: 'ssh',
    destination: sshd.destination(user),
    options: ['-F', sshd.sshConfig],
    onward: [],
  } as const
  const remoteDir = `${home}/chap ${randomBytes(4).toString('hex')}`
  const job = makeJob(spool, sshDraft(sshd, spool, argv, { route, remoteDir, ...change }))
  await job.takeUp()
  return job
}

/** Makes something in an account's home that is its own, with the directories that lead there. @returns how to remove it all */
const makeOwn = (shell: ShellName, path: string, make: (path: string) => void): (() => void) => {
  const { uid, home } = accountOf(shell)
  const { gid } = statSync(home)
  const outermost = mkdirSync(dirname(path), { recursive: true }) ?? path
  make(path)
  execFileSync('chown', ['-R', `${uid}:${gid}`, outermost])
  return () => rmSync(outermost, { recursive: true })
}

const run = async (job: TestJob, outcome: Parameters<typeof expectLawful>[2]): Promise<void> => {
  await job.untilLeft()
  expectLawful(job, spool, outcome)
  expect(existsSync(job.spec.remoteDir ?? ''), 'the directory of job directories').toBe(false)
}

const lines = (prefix: string): Buffer => Buffer.from(Array.from({ length: 30 }, (_, i) => `${prefix} ${i}\n`).join(''))

describe.each(shells)('login shell %s', (shell) => {
  test('passes argv, environment and directory byte for byte, and the exit status', async () => {
    const cwd = `${accountOf(shell).home}/it's a "directory" $HOME \`x\` !! é ${randomBytes(4).toString('hex')}`
    const removeCwd = makeOwn(shell, cwd, (path) => mkdirSync(path))
    const values = [...hostileWords, longWord]
    const env = Object.fromEntries(values.map((value, i) => [`HOSTILE_${i}`, value]))
    const print = `printf '%s\\0' "$PWD" "$@" ${Object.keys(env)
      .map((name) => `"$${name}"`)
      .join(' ')}; printf %s "$HOSTILE_3" >&2; exit 42`
    const job = await makeFor(shell, ['sh', '-c', print, 'sh', ...values], { cwd, env })
    const stdout = Buffer.from([cwd, ...values, ...values].map((word) => `${word}\0`).join(''))
    const written = { stdout, stderr: Buffer.from(hostileWords[3]) }
    await run(job, { outcome: { kind: 'exited', code: 42 }, written })
    removeCwd()
  })

  test('tells a signal from a status', async () => {
    const job = await makeFor(shell, ['sh', '-c', 'printf before; kill -9 $$'])
    const written = { stdout: Buffer.from('before'), stderr: Buffer.alloc(0) }
    await run(job, { outcome: { kind: 'signaled', signal: 'SIGKILL' }, written })
  })

  test('a cut in the middle does no harm', async () => {
    const job = await makeFor(shell, [
      'sh',
      '-c',
      'i=0; while [ $i -lt 30 ]; do echo "out $i"; echo "err $i" >&2; i=$((i + 1)); sleep 0.1; done; exit 7',
    ])
    const written = { stdout: lines('out'), stderr: lines('err') }
    await until(() => statSync(job.paths.stdout).size > 20, { deadline: 20_000, what: 'the first lines' })
    await sshd.killSessions()
    await job.untilState('reconnecting')
    job.knock()
    await job.untilState('running')
    await run(job, { outcome: { kind: 'exited', code: 7 }, written })
    expect(job.state().link.generation).toBeGreaterThan(1)
  })

  test('what its rc file says, and a banner, is not in the output', async () => {
    const [file, command] = noise[shell]
    const path = `${accountOf(shell).home}/${file}`
    const removeNoise = makeOwn(shell, path, (rc) => writeFileSync(rc, `${command}\n`))
    const job = await makeFor(shell, ['sh', '-c', 'printf out; printf err >&2'])
    await run(job, {
      outcome: { kind: 'exited', code: 0 },
      written: { stdout: Buffer.from('out'), stderr: Buffer.from('err') },
    })
    removeNoise()
    expect(readFileSync(job.paths.log, 'utf8')).toContain('PRETTY_NAME') // the banner
  })
})

test('nothing is left when the chaperone leaves, where a login shell takes its time to end', async () => {
  const rc = `${accountOf('bash').home}/.bashrc`
  const removeTrap = makeOwn('bash', rc, (path) => writeFileSync(path, 'trap "sleep 0.3" EXIT\n'))
  // Too much to come with the end: so there are followers, each behind a login shell of its own.
  const job = await makeFor('bash', ['sh', '-c', 'printf %01000d 0'])
  await run(job, { outcome: { kind: 'exited', code: 0 } })
  removeTrap()
})

test('an account without a login is refused for it, with its words', async () => {
  const job = await makeFor('nologin', ['true'])
  const { outcome } = await job.untilLeft()
  expect(outcome).toEqual({
    kind: 'refused',
    reason: 'no_shell',
    evidence: expect.stringContaining('This account is currently not available'),
  })
})
