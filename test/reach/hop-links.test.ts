// Links over hops, where something stands in the way: a process that can't be ended, one that is silent, a full disk, a lost end.
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect } from 'vitest'
import { createAccounts } from '../rig/accounts.ts'
import { chap } from '../rig/chap.ts'
import { mountDisk } from '../rig/disk.ts'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import type { Draft, TestJob } from '../rig/job.ts'
import { makeJob } from '../rig/job.ts'
import { findByEnvironment, listProcesses } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { makeSteps } from '../rig/steps.ts'
import { until } from '../rig/until.ts'
import { draftOf, startJob } from './start.ts'
import { allowSudo } from './world.ts'

const test = testWith('linux', 'root')
const testSudo = testWith('linux', 'root', 'sudo', 'dash', 'bash')

let spool: Spool
let place: string

beforeEach(async () => {
  spool = await makeSpool()
  place = mkdtempSync(`${tmpdir()}/chap-t-place-`)
  chmodSync(place, 0o777)
})
afterEach(async () => {
  await cleanUp(spool)
  rmSync(place, { recursive: true })
})

const start = (argv: readonly string[], via: string, change: Partial<Draft> = {}): Promise<TestJob> =>
  startJob({ spool, cwd: place, args: ['--via', via], argv, remoteDir: `${place}/remote`, change })

const untilWritten = (job: TestJob, wanted: Buffer): Promise<unknown> =>
  until(() => readFileSync(job.paths.stdout).equals(wanted), { deadline: 20_000, what: 'that much output' })

testSudo(
  'a process that is not ours to end, and does not end, holds up neither the next link nor the end',
  async () => {
    const accounts = await createAccounts()
    const [self, target] = [accounts.get('sh'), accounts.get('bash')]
    if (self === undefined || target === undefined) throw new Error('no accounts')
    const forbidSudo = allowSudo(self.user, [target.user])
    // What it runs ends as it should, and it stays: with the pipes in its hands.
    const stay = `${place}/stay`
    writeFileSync(stay, '#!/bin/sh\n"$@"\nexec sleep 1000\n', { mode: 0o755 })
    const steps = makeSteps({ root: place }, 3)
    const args = ['--via', `sudo -n -u ${target.user} -- ${stay}`]
    const job = await startJob({ spool, cwd: place, args, argv: steps.argv, owner: self, remoteDir: `${place}/remote` })
    steps.go()
    await untilWritten(job, steps.written(1).stdout)
    // The sh of the control session: its end of file is what the chaperone then never hears of.
    const stays = () => listProcesses().filter(({ argv, uid }) => uid === target.uid && argv[0] === 'sleep')
    const [control] = job.linkProcesses()
    if (control === undefined) throw new Error('no link')
    await killAll([control])
    await job.untilState('reconnecting')
    job.knock()
    await job.untilState('running')
    steps.go(2)
    const { outcome } = await job.untilLeft()
    expect(outcome).toEqual({ kind: 'exited', code: 42 })
    expect(readFileSync(job.paths.stdout).equals(steps.written().stdout)).toBe(true)
    expect(stays().length).toBeGreaterThan(0)
    await killAll(stays())
    await until(() => job.linkProcesses().length === 0, { deadline: 5_000, what: 'the end of all' })
    expectLawful(job, spool, { outcome, written: steps.written(), runs: steps.runs })
    forbidSudo()
  },
)

test('a hop that falls silent is given up, and the next one goes on', async () => {
  const steps = makeSteps({ root: place }, 2)
  const job = await start(steps.argv, 'env A=b', { keepalive: { interval: 1, count: 2 } })
  steps.go()
  await untilWritten(job, steps.written(1).stdout)
  const [control] = job.linkProcesses()
  if (control === undefined) throw new Error('no control session')
  process.kill(control.pid, 'SIGSTOP')
  const { link } = await job.untilState('reconnecting')
  expect(link.fault).toEqual({ code: 'silent', evidence: 'no answer for 2 s' })
  job.knock()
  steps.go()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
})

test('a full disk here loses and doubles no byte, though all of them pass through the chaperone', async () => {
  const disk = mountDisk(spool.dir, 2_048)
  try {
    const written = { stdout: randomBytes(5_000_000), stderr: Buffer.from('to stderr\n') }
    writeFileSync(`${place}/in`, written.stdout)
    const job = await start(['sh', '-c', `cat '${place}/in'; echo to stderr >&2; exit 42`], 'env A=b')
    await until(() => statfsSync(spool.dir).bfree === 0, { deadline: 30_000, what: 'a full disk' })
    expectPrefix(job, written)
    job.knock()
    expectPrefix(job, written)
    disk.resize(16_384)
    await job.untilLeft(60_000)
    expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written })
  } finally {
    disk.release()
  }
})

test('stdin is taken along', async () => {
  const stdin = randomBytes(1_000_000)
  const draft = draftOf(['--via', 'env A=b', '--stdin', '-'], ['cat'], place)
  const job = makeJob(spool, { ...draft, remoteDir: `${place}/remote` }, stdin)
  await job.takeUp()
  await job.untilLeft()
  const written = { stdout: stdin, stderr: Buffer.alloc(0) }
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, written })
})

test('what is sent gets there, once, also when its chaperone dies and the hop with it', async () => {
  const draft = draftOf(['--via', 'env A=b', '--stdin', 'open'], ['cat'], place)
  const job = makeJob(spool, { ...draft, remoteDir: `${place}/remote` }, new Uint8Array())
  await job.takeUp()
  const { id } = job.spec
  const send = (...words: string[]) => chap(['send', id, ...words], { spool })
  expect(await send('one')).toMatchObject({ exitCode: 0, stderr: '' })
  await untilWritten(job, Buffer.from('one\n'))
  await job.killChaperone()
  expect((await send('two')).exitCode).toBe(0)
  expect((await send('three', '--eof')).exitCode).toBe(0)
  await job.untilLeft()
  const written = { stdout: Buffer.from('one\ntwo\nthree\n'), stderr: Buffer.alloc(0) }
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, written })
})

test('--on-disconnect kill: its group ends with the link, and both streams come while it stands', async () => {
  const script = 'trap "" TERM HUP; sh -c "sleep 1000 & wait" & echo up; while :; do sleep 1; done'
  writeFileSync(`${place}/fork`, '#!/bin/sh\n"$@"\nexit $?\n', { mode: 0o755 })
  const job = await start(['sh', '-c', script], `${place}/fork`, { onDisconnect: 'kill' })
  await untilWritten(job, Buffer.from('up\n'))
  const running = () => findByEnvironment('CHAP_JOB_ID', job.spec.id).length
  expect(running()).toBeGreaterThan(1)
  await killAll(job.linkProcesses().slice(0, 1))
  const { outcome } = await job.untilLeft()
  expect(outcome).toMatchObject({ kind: 'unknown', reason: 'disconnected' })
  await until(() => running() === 0, { deadline: 10_000, what: 'the end of the group' })
})

test('a shell that says something of its own says it in no stream', async () => {
  writeFileSync(`${place}/noisy`, '#!/bin/sh\nprintf noise; printf noise >&2\nexec "$@"\n', { mode: 0o755 })
  const written = { stdout: Buffer.from('out'), stderr: Buffer.from('err') }
  const job = await start(['sh', '-c', 'printf out; printf err >&2'], `${place}/noisy`)
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, written })
  expect(job.log()).toContain('noise')
})
