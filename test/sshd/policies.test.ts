// The ways to run over ssh besides the default: ended with the connection, plain, on a lease, without multiplexing.

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { expectLawful, expectNothingLeft } from '../rig/invariants.ts'
import { type Draft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
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
  await cleanUp(spool)
})

const start = async (
  script: string,
  change: Partial<Draft>,
  stdin: Uint8Array | null = null,
  on = sshd,
): Promise<TestJob> => {
  const job = makeJob(spool, sshDraft(on, spool, ['sh', '-c', script], { hasStdin: stdin !== null, ...change }), stdin)
  await job.takeUp()
  return job
}

const untilSaid = (job: TestJob, words: string): Promise<unknown> =>
  until(() => readFileSync(job.paths.stdout, 'utf8').includes(words), { deadline: 10_000, what: `${words} on stdout` })

const processesOf = (job: TestJob): number => findByEnvironment('CHAP_JOB_ID', job.spec.id).length

test('kill: both streams and the status come as usual, and no output is stored on the remote', async () => {
  const bytes = randomBytes(5_000_000)
  writeFileSync(`${spool.root}/in`, bytes)
  const job = await start(`cat '${spool.root}/in'; echo err >&2; sleep 0.3; exit 42`, { onDisconnect: 'kill' })
  await job.untilState('running')
  const stored = `${spool.root}/remote/${job.spec.id}-${job.spec.nonce}`
  const files = readdirSync(stored, { withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.map(({ name }) => name)).not.toContain('stdout')
  await job.untilLeft()
  expectLawful(job, spool, {
    outcome: { kind: 'exited', code: 42 },
    written: { stdout: bytes, stderr: Buffer.from('err\n') },
  })
})

const losses: Record<string, (job: TestJob) => Promise<void>> = {
  'the ssh process is killed': (job) => killAll(job.linkProcesses().slice(0, 1)),
  'the chaperone is killed': (job) => job.killChaperone().then(() => killAll(job.linkProcesses())),
  'the connection is reset': async () => sshd.proxy.reset(),
  'the network is a black hole': async () => sshd.proxy.hole(),
}
for (const [loss, lose] of Object.entries(losses))
  test(`kill: when ${loss}, the command's whole group is ended and nothing stays`, async () => {
    const job = await start('trap "" TERM HUP; sh -c "sleep 1000 & wait" & echo up; while :; do sleep 1; done', {
      onDisconnect: 'kill',
      keepalive: { interval: 1, count: 2 },
    })
    await untilSaid(job, 'up')
    expect(processesOf(job)).toBeGreaterThan(1)
    await lose(job)
    await until(() => processesOf(job) === 0, { deadline: 20_000, what: 'the end of the group' })
    if (loss === 'the chaperone is killed') await job.takeUp()
    await job.untilLeft()
    expect(job.state().outcome).toMatchObject({ kind: 'unknown', reason: 'disconnected' })
    await until(
      () => {
        expectNothingLeft(job, spool)
        return true
      },
      { deadline: 20_000, what: 'nothing left' },
    )
  })

test('plain: output and status of a command that needs no sh', async () => {
  const job = await start('echo out; echo err >&2; cat; exit 7', { plain: true }, Buffer.from('in\n'))
  await job.untilLeft()
  expectLawful(job, spool, {
    outcome: { kind: 'exited', code: 7 },
    written: { stdout: Buffer.from('out\nin\n'), stderr: Buffer.from('err\n') },
  })
})

test('plain: nothing listens there: tried until it does, and run once', async () => {
  sshd.proxy.refuse()
  const job = await start(`echo begun >>'${spool.root}/runs'; exit 6`, { plain: true })
  await until(() => job.state().link.attempts > 0, { deadline: 20_000, what: 'a try' })
  expect(job.state()).toMatchObject({ state: 'launching', link: { fault: { code: 'refused' } } })
  await sshd.proxy.accept()
  job.knock()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 6 }, runs: `${spool.root}/runs` })
})

test('plain: a lost connection is an unknown status, and the command is not run again', async () => {
  const job = await start(`echo begun >>'${spool.root}/runs'; echo up; sleep 20`, { plain: true })
  await untilSaid(job, 'up')
  sshd.proxy.reset()
  await job.untilLeft()
  expect(job.state().outcome).toMatchObject({ kind: 'unknown', reason: 'disconnected' })
  expect(readFileSync(`${spool.root}/runs`, 'utf8')).toBe('begun\n')
})

test('lease: a command that no chaperone has been in contact with for so long is ended', async () => {
  const job = await start('echo up; while :; do sleep 1; done', { lease: 2, keepalive: { interval: 1, count: 2 } })
  await untilSaid(job, 'up')
  sshd.proxy.hole()
  await until(() => processesOf(job) === 0, { deadline: 20_000, what: 'the end of the lease' })
  sshd.proxy.heal()
  const state = await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'signaled', signal: 'SIGTERM' } })
  expect(state.ended_by).toBe('lease')
})

test('lease: a chaperone in contact renews it', async () => {
  const job = await start('sleep 5; exit 4', { lease: 2 })
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 4 } })
})

test('a server that grants one session on a connection: separate connections', async () => {
  const single = await startSshd({ proxied: true, config: ['MaxSessions 1'] })
  try {
    const bytes = randomBytes(3_000_000)
    const job = await start('cat; echo err >&2; sleep 1; exit 5', {}, bytes, single)
    await job.untilState('running')
    await single.killSessions()
    await job.untilLeft()
    expectLawful(job, spool, {
      outcome: { kind: 'exited', code: 5 },
      written: { stdout: bytes, stderr: Buffer.from('err\n') },
    })
  } finally {
    await single.stop()
  }
})
