// What can't be reached, and what says no: the first are tried again for ever, the others end at once, with ssh's own words.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import { type Draft, localDraft, makeJob, remoteDir, sshDraft, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type ProxiedSshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'sshd', 'ssh')

let sshd: ProxiedSshd
let spool: Spool

beforeAll(async () => {
  sshd = await startSshd({ proxied: true })
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

const start = async (
  destination: string,
  options: readonly string[],
  change: Partial<Draft> = {},
): Promise<TestJob> => {
  const route = { kind: 'ssh', destination, options: ['-F', sshd.sshConfig, ...options], onward: [] } as const
  const command = ['sh', '-c', `echo begun >>'${spool.root}/runs'`] as const
  const job = makeJob(spool, localDraft(command, { host: destination, route, remoteDir: remoteDir(spool), ...change }))
  await job.takeUp()
  return job
}

const untilTried = async (job: TestJob): Promise<{ code: string; evidence: string }> => {
  const { link } = await until(() => job.state().link.fault !== null && job.state(), {
    deadline: 20_000,
    what: 'a fault',
  })
  return link.fault ?? { code: '', evidence: '' }
}

test('nothing listens there: tried until it does', async () => {
  sshd.proxy.refuse()
  const job = await start(sshd.host, [])
  expect(await untilTried(job)).toMatchObject({
    code: 'refused',
    evidence: expect.stringContaining('Connection refused'),
  })
  expect(job.state().state).toBe('launching')
  await sshd.proxy.accept()
  job.knock()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, runs: `${spool.root}/runs` })
})

test('a name that nobody knows: tried again', async () => {
  const job = await start('no-such-host.invalid', [])
  expect(await untilTried(job)).toMatchObject({ code: 'unknown_host' })
  expect(job.state()).toMatchObject({ state: 'launching', link: { state: 'down' } })
})

test('a silent server: the connect timeout is kept', async () => {
  sshd.proxy.hole()
  const job = await start(sshd.host, [], { connectTimeout: 1 })
  expect(await untilTried(job)).toMatchObject({ code: 'timeout' })
})

test('authentication refused: ended at once, nothing begun', async () => {
  writeFileSync(`${spool.root}/empty`, '', { mode: 0o600 })
  const job = await start(sshd.host, [
    '-o',
    'IdentityFile=none',
    '-o',
    'IdentityAgent=none',
    '-o',
    'PreferredAuthentications=password',
  ])
  const state = await job.untilLeft()
  expect(state.outcome).toMatchObject({
    kind: 'refused',
    reason: 'authentication',
    evidence: expect.stringContaining('Permission denied'),
  })
  expect(() => readFileSync(`${spool.root}/runs`)).toThrow()
})

test('a changed host key: ended at once, with a reason of its own', async () => {
  const another = readFileSync(`${sshd.dir}/client_key.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
  const [pattern] = readFileSync(`${sshd.dir}/known_hosts`, 'utf8').split(' ')
  writeFileSync(`${spool.root}/known`, `${pattern} ${another}\n`)
  const job = await start(sshd.host, ['-o', `UserKnownHostsFile=${spool.root}/known`])
  expect(await job.untilLeft()).toMatchObject({ outcome: { kind: 'refused', reason: 'host_key' } })
})

test('no ssh of that option: ended at once', async () => {
  const job = await start(sshd.host, ['-o', 'NoSuchOption=yes'])
  expect(await job.untilLeft()).toMatchObject({
    outcome: { kind: 'refused', reason: 'usage', evidence: expect.stringMatching(/NoSuchOption/i) },
  })
})

test('no place for the remote directory: ended at once, with the words of the remote', async () => {
  const job = await start(sshd.host, [], { remoteDir: '/proc/nowhere' })
  expect(await job.untilLeft()).toMatchObject({ outcome: { kind: 'refused', reason: 'no_directory' } })
})

test('the remote directory is deleted while the command runs: unknown, and never run again', async () => {
  const command = ['sh', '-c', `echo begun >>'${spool.root}/runs'; echo up; sleep 1000`] as const
  const job = makeJob(spool, sshDraft(sshd, spool, command))
  await job.takeUp()
  await until(() => readFileSync(job.paths.stdout, 'utf8') === 'up\n', { deadline: 10_000 })
  const { rm } = await import('node:fs/promises')
  await rm(remoteDir(spool), { recursive: true })
  sshd.proxy.reset()
  const state = await job.untilLeft()
  expect(state.outcome).toMatchObject({ kind: 'unknown', reason: 'directory_gone' })
  expect(readFileSync(`${spool.root}/runs`, 'utf8')).toBe('begun\n')
})
