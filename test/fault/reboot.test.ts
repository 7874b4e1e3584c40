// Row 7: the remote machine loses its power and comes up again. What was there is fetched, the status is unknown or on its disk, nothing runs again.
import { readFileSync, statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import { type Machine, startMachine } from '../rig/machine.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'
import { crash, remoteOf, startSteps } from './scene.ts'

const test = testWith('linux', 'root', 'namespaces', 'ssh', 'sshd')

let machine: Machine
let spool: Spool
beforeAll(async () => {
  machine = await startMachine()
})
afterAll(() => machine.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const rebooted = { kind: 'unknown', reason: 'rebooted', evidence: 'no exit record' } as const

test('while the command runs: unknown, with all of the output that there was', async () => {
  const { job, steps } = await startSteps({ sshd: machine.sshd, spool }, 3)
  await machine.powerOff()
  await job.untilState('reconnecting')
  await machine.powerOn()
  job.knock()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: rebooted, written: steps.written(1), runs: steps.runs })
  expect(findByEnvironment('CHAP_JOB_ID', job.spec.id)).toEqual([])
})

test('output that was not fetched before is fetched after', async () => {
  const { job, steps } = await startSteps({ sshd: machine.sshd, spool }, 3)
  await crash(job)
  const size = (): number => statSync(`${remoteOf(job)}/stderr`).size
  steps.go()
  await until(() => size() === steps.written(2).stderr.length, { deadline: 10_000, what: 'the output there' })
  await machine.powerOff()
  await machine.powerOn()
  await job.takeUp()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: rebooted, written: steps.written(2), runs: steps.runs })
})

test('a kill asked while it is off signals nothing on it', async () => {
  const { job, steps } = await startSteps({ sshd: machine.sshd, spool }, 2)
  await machine.powerOff()
  await job.untilState('reconnecting')
  job.ask('stop', 'SIGTERM', 1)
  await until(() => job.state().intent.kind === 'stop', { deadline: 10_000, what: 'the intent on disk' })
  await machine.powerOn()
  job.knock()
  const state = await job.untilLeft()
  expectLawful(job, spool, { outcome: rebooted, written: steps.written(1), runs: steps.runs })
  expect(state.signals.map(({ sent }) => sent)).toEqual([null])
})

test('the command had ended before: its record is on the disk, and the status is true', async () => {
  const { job, steps } = await startSteps({ sshd: machine.sshd, spool }, 2)
  await crash(job)
  steps.go()
  await until(() => readFileSync(`${remoteOf(job)}/exit`, 'utf8') !== '', { deadline: 10_000, what: 'the record' })
  await machine.powerOff()
  await machine.powerOn()
  await job.takeUp()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
})
