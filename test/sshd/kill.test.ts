// Kills over ssh: of trees that ignore SIGTERM, with and without a link, before the launch, and many at once.
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { expectLawful, expectNothingLeft } from '../rig/invariants.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
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

/** A shell, its child and its grandchild; none of them ends at SIGTERM. */
const stubbornTree = `trap '' TERM; sh -c "trap '' TERM; sh -c 'trap \\"\\" TERM; echo up; while :; do sleep 1; done' & while :; do sleep 1; done" & while :; do sleep 1; done`
const KEEPALIVE = { interval: 1, count: 2 }

const startTree = async (script: string): Promise<TestJob> => {
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script], { keepalive: KEEPALIVE }))
  await job.takeUp()
  await job.untilState('running')
  await until(() => readFileSync(job.paths.stdout, 'utf8') === 'up\n', { deadline: 10_000, what: "the tree's word" })
  return job
}

const killed = { kind: 'signaled', signal: 'SIGKILL' } as const

test('a tree that ignores SIGTERM is gone after the grace, and the state says who asked and what was sent', async () => {
  const job = await startTree(stubbornTree)
  expect(findByEnvironment('CHAP_JOB_ID', job.spec.id).length).toBeGreaterThanOrEqual(3)
  job.ask('stop', 'SIGTERM', 1)
  const state = await job.untilLeft()
  expectLawful(job, spool, { outcome: killed })
  expect(state.ended_by).toBe('kill')
  expect(state.intent).toMatchObject({
    kind: 'stop',
    signal: 'SIGTERM',
    grace: 1,
    by: { user: 'rig', pid: process.pid },
  })
  expect(state.signals.map(({ signal, sent }) => [signal, sent !== null])).toEqual([
    ['SIGTERM', true],
    ['SIGKILL', true],
  ])
})

test('a kill asked while the host is out of reach is carried out when it is back', async () => {
  const job = await startTree(stubbornTree)
  sshd.proxy.hole()
  await job.untilState('reconnecting')
  job.ask('stop', 'SIGTERM', 1)
  await until(() => job.state().intent.kind === 'stop', { deadline: 5_000, what: 'the intent on disk' })
  expect(job.state().signals).toMatchObject([{ signal: 'SIGTERM', sent: null }])
  expect(findByEnvironment('CHAP_JOB_ID', job.spec.id).length).toBeGreaterThanOrEqual(3)
  sshd.proxy.heal()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: killed })
})

test('a kill asked of a dead chaperone is carried out by the next', async () => {
  const job = await startTree(stubbornTree)
  await job.killChaperone()
  job.ask('stop', 'SIGKILL', 0)
  await job.takeUp()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: killed })
})

test('the chaperone dies in the grace: the next one goes on with it', async () => {
  const job = await startTree(stubbornTree)
  job.ask('stop', 'SIGTERM', 2)
  await until(() => job.state().signals.some(({ sent }) => sent !== null), { deadline: 10_000, what: 'SIGTERM sent' })
  await job.killChaperone()
  await job.takeUp()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: killed })
})

test('a grandchild that outlives the command has its grace, and is then gone', async () => {
  // The command goes at SIGTERM; its child does not.
  const job = await startTree(`sh -c "trap '' TERM; echo up; while :; do sleep 1; done" & wait`)
  job.ask('stop', 'SIGTERM', 2)
  const state = await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'signaled', signal: 'SIGTERM' } })
  expect(state.signals.map(({ signal }) => signal)).toEqual(['SIGTERM', 'SIGKILL'])
})

test('a process that left the group is reached by SIGKILL', async () => {
  const job = await startTree(`setsid sh -c "trap '' TERM; echo up; while :; do sleep 1; done" & wait`)
  job.ask('stop', 'SIGKILL', 0)
  await job.untilLeft()
  expectNothingLeft(job, spool)
})

test('a kill before the launch: it never begins', async () => {
  sshd.proxy.refuse()
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', `echo begun >>${spool.root}/runs`]))
  await job.takeUp()
  await until(() => job.state().link.attempts > 0, { deadline: 10_000, what: 'a failed try' })
  job.ask('stop', 'SIGTERM')
  await sshd.proxy.accept()
  job.knock()
  await job.untilLeft()
  expect(job.state().outcome).toMatchObject({ kind: 'refused', reason: 'stopped' })
  expectNothingLeft(job, spool)
  expect(findByEnvironment('CHAP_JOB_ID', job.spec.id)).toEqual([])
})

test('twenty kills at once are one kill', async () => {
  const job = await startTree('echo up; while :; do sleep 1; done')
  for (let i = 0; i < 20; i += 1) job.ask('stop', 'SIGTERM')
  const state = await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'signaled', signal: 'SIGTERM' } })
  expect(state.signals).toHaveLength(1)
})

test('a kill after the end is harmless, and is answered', async () => {
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', 'echo up'], { keepalive: KEEPALIVE }))
  await job.takeUp()
  await job.untilLeft()
  job.ask('stop', 'SIGTERM')
  await job.takeUp()
  await until(
    () => {
      expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 } })
      return true
    },
    { deadline: 10_000, what: 'the answer' },
  )
})

test('one signal is one signal: the command may go on', async () => {
  const job = await startTree(`trap 'echo usr1; exit 3' USR1; echo up; while :; do sleep 0.1; done`)
  job.ask('signal', 'SIGUSR1')
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 3 } })
  expect(readFileSync(job.paths.stdout, 'utf8')).toBe('up\nusr1\n')
})
