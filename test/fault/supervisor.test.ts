// Row 8: what waits for the command on the remote is killed, or the command itself, or both.
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import type { TestJob } from '../rig/job.ts'
import { isAlive } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { remoteOf, setScene, startSteps, untilArrived } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

const noted = (job: TestJob, name: 'supervisor' | 'pid'): { pid: number; startTime: number } => {
  const [pid = 0, startTime = 0] = readFileSync(`${remoteOf(job)}/${name}`, 'utf8')
    .split(' ')
    .map(Number)
  return { pid, startTime }
}

const died = { kind: 'unknown', reason: 'supervisor_died', evidence: 'no exit record' } as const

test('the supervisor is killed: the command goes on, all of its output comes, its status is unknown', async () => {
  const { job, steps } = await startSteps(scene, 3)
  await killAll([noted(job, 'supervisor')])
  steps.go()
  await untilArrived(job, steps.written(2))
  expect(job.state().state).toBe('running')
  steps.go()
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: died, written: steps.written(), runs: steps.runs })
})

test('the supervisor is killed, and the link breaks: the command is found again, and can be killed', async () => {
  const { job, steps } = await startSteps(scene, 3)
  const command = noted(job, 'pid')
  await killAll([noted(job, 'supervisor')])
  scene.sshd.proxy.reset()
  await job.untilState('reconnecting')
  job.knock()
  await job.untilState('running')
  expect(isAlive(command.pid, command.startTime)).toBe(true)
  job.ask('stop', 'SIGTERM', 5)
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: died, written: steps.written(1), runs: steps.runs })
})

test('the command is killed by somebody else: its signal is recorded', async () => {
  const { job, steps } = await startSteps(scene, 2)
  await killAll([noted(job, 'pid')])
  const state = await job.untilLeft()
  const outcome = { kind: 'signaled', signal: 'SIGKILL' } as const
  expectLawful(job, scene.spool, { outcome, written: steps.written(1), runs: steps.runs })
  expect(state.ended_by).toBe('exit')
})

test('both are killed: unknown, at once', async () => {
  const { job, steps } = await startSteps(scene, 2)
  await killAll([noted(job, 'supervisor'), noted(job, 'pid')])
  await job.untilLeft(10_000)
  expectLawful(job, scene.spool, { outcome: died, written: steps.written(1), runs: steps.runs })
})
