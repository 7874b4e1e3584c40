// Login shells where a line of hops is read: of the account that ssh lets in before sudo, of a relay's, and of whom su becomes.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { type Account, createAccounts, type ShellName } from '../rig/accounts.ts'
import { hostileWords } from '../rig/hostile.ts'
import { expectLawful } from '../rig/invariants.ts'
import { needProgram } from '../rig/programs.ts'
import { requires, testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { makeSteps } from '../rig/steps.ts'
import { until } from '../rig/until.ts'
import { startJob, untilAllLeft } from './start.ts'
import { allowSudo, shareConfig } from './world.ts'

const needs = [
  'linux',
  'root',
  'ssh',
  'sshd',
  'sudo',
  'busybox',
  'dash',
  'bash',
  'mksh',
  'fish',
  'tcsh',
  'zsh',
] as const
const test = testWith(...needs)
const shells = ['sh', 'bash', 'zsh', 'fish', 'tcsh', 'mksh', 'busybox', 'rbash'] as const satisfies ShellName[]

let target: Sshd
let relay: Sshd
let accounts: Map<ShellName, Account>
let sharedConfig: string
let undo: (() => void)[] = []
let spool: Spool
let place: string

const accountOf = (shell: ShellName): Account => {
  const account = accounts.get(shell)
  if (account === undefined) throw new Error(`no account for ${shell}`)
  return account
}

beforeAll(async () => {
  if (requires(...needs) !== undefined) return
  ;[target, relay, accounts] = await Promise.all([
    startSshd({ host: 'target' }),
    startSshd({ host: 'relay', config: ['AllowTcpForwarding no'] }),
    createAccounts(),
  ])
  const dir = mkdtempSync(`${tmpdir()}/chap-t-config-`)
  chmodSync(dir, 0o755)
  undo.push(() => rmSync(dir, { recursive: true }))
  sharedConfig = `${dir}/config`
  writeFileSync(sharedConfig, shareConfig([target], 'root'))
  for (const shell of shells) undo.push(allowSudo(accountOf(shell).user, [accountOf('mksh').user]))
})
afterAll(async () => {
  for (const one of undo) one()
  undo = []
  await target?.stop()
  await relay?.stop()
})
beforeEach(async () => {
  spool = await makeSpool()
  place = mkdtempSync(`${tmpdir()}/chap-t-place-`)
  chmodSync(place, 0o777)
})
afterEach(async () => {
  await cleanUp(spool)
  rmSync(place, { recursive: true })
})

/** By its path: the account with busybox alone has no ssh in its PATH. */
const relayProgram = (): string => `${needProgram('ssh')} -T -F ${sharedConfig} --`

/** What a person types for each, and as whom the command then runs. */
const lines: Record<string, (shell: ShellName) => readonly [args: readonly string[], user: string]> = {
  'ssh-then-sudo, its line read by': (shell) => [
    ['-F', target.sshConfig, '--sudo', accountOf('mksh').user, target.destination(accountOf(shell).user)],
    accountOf('mksh').user,
  ],
  'a relay, its line read by': (shell) => [
    [
      ...['-F', relay.sshConfig, '--relay', relay.destination(accountOf(shell).user)],
      ...['--relay-program', relayProgram(), target.destination(accountOf('bash').user)],
    ],
    accountOf('bash').user,
  ],
  'behind a relay, its line read by': (shell) => [
    [
      ...['-F', relay.sshConfig, '--relay', relay.destination(accountOf('sh').user)],
      ...['--relay-program', relayProgram(), target.destination(accountOf(shell).user)],
    ],
    accountOf(shell).user,
  ],
  'su, its line read by': (shell) => [['--via-line', `su ${accountOf(shell).user} -c`], accountOf(shell).user],
}

/** The account with busybox alone has no sudo in its PATH. */
const isWithoutSudo = (name: string, shell: ShellName): boolean =>
  name.startsWith('ssh-then-sudo') && shell === 'busybox'

test('where there is no sudo, the job is refused for it', async () => {
  const [args] = lines['ssh-then-sudo, its line read by']?.('busybox') ?? [[]]
  const job = await startJob({ spool, cwd: place, args, argv: ['true'], remoteDir: `${place}/remote` })
  const { outcome } = await job.untilLeft()
  expect(outcome).toMatchObject({ kind: 'refused', reason: 'no_program', evidence: expect.stringContaining('sudo') })
})

describe.each(Object.entries(lines))('%s', (name, line) => {
  describe.each(shells.filter((shell) => !isWithoutSudo(name, shell)))('%s', (shell) => {
    test('every word arrives, a cut does no harm, and the status is its own', async () => {
      const [args, user] = line(shell)
      const steps = makeSteps({ root: place }, 2)
      const remoteDir = `${place}/it's "remote" ${randomBytes(4).toString('hex')}`
      const script = `a=$1 b=$2; shift 2; id -un; printf '%s\\0' "$@"; set -- "$a" "$b"; ${steps.argv[2]}`
      const argv = ['sh', '-c', script, ...steps.argv.slice(3), ...hostileWords]
      const job = await startJob({ spool, cwd: place, args, argv, remoteDir })
      const before = Buffer.from(`${user}\n${hostileWords.map((word) => `${word}\0`).join('')}`)
      const written = (step?: number): Buffer => Buffer.concat([before, steps.written(step).stdout])
      steps.go()
      await until(() => readFileSync(job.paths.stdout).equals(written(1)), { deadline: 20_000, what: 'the first step' })
      await killAll(job.linkProcesses().slice(0, 1))
      await job.untilState('reconnecting')
      job.knock()
      steps.go()
      await untilAllLeft(job)
      expectLawful(job, spool, {
        outcome: { kind: 'exited', code: 42 },
        written: { stdout: written(), stderr: steps.written().stderr },
        runs: steps.runs,
      })
      expect(existsSync(remoteDir), 'the directory of job directories').toBe(false)
    })
  })
})
