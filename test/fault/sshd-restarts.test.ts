// Row 6: the server goes away and comes back, with its sessions or without them.
import { expect } from 'vitest'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import { testWith } from '../rig/requires.ts'
import { setScene, startSteps, untilArrived } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

test('sshd and its sessions are gone for a while', async () => {
  const { sshd, spool } = scene
  const { job, steps } = await startSteps(scene, 3)
  await sshd.stopListening()
  await sshd.killSessions()
  await job.untilState('reconnecting')
  steps.go() // nobody is there to hear it
  await sshd.restart()
  job.knock()
  await untilArrived(job, steps.written(2))
  expectPrefix(job, steps.written())
  steps.go()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
})

test('sshd is restarted under open sessions: nobody notices', async () => {
  const { sshd, spool } = scene
  const { job, steps } = await startSteps(scene, 2)
  await sshd.restart()
  steps.go()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
  expect(job.state().link.generation).toBe(1)
})

test('the command ends while sshd is away: its status is there when sshd is back', async () => {
  const { sshd, spool } = scene
  const { job, steps } = await startSteps(scene, 2)
  await sshd.stopListening()
  await sshd.killSessions()
  await job.untilState('reconnecting')
  steps.go()
  await job.killChaperone()
  await sshd.restart()
  await job.takeUp()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
})
