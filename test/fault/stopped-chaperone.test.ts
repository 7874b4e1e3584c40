// Row 2: a chaperone that is stopped is alive. Nobody takes its job, however long it lasts, and when it goes on nothing is doubled.
import { readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { readOwner } from '../../src/spool/chaperones.ts'
import { chap, startChap } from '../rig/chap.ts'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import type { TestJob } from '../rig/job.ts'
import { readProcess } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { setScene, startSteps, untilArrived } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

/** Longer than the watchers' looks for orphans, and than the lock's updates. */
const STOPPED_MS = 4_000

const chaperoneOf = (job: TestJob): number => readOwner(job.paths)?.identity.pid ?? 0

const stop = async (job: TestJob): Promise<() => void> => {
  const pid = chaperoneOf(job)
  process.kill(pid, 'SIGSTOP')
  await until(() => readProcess(pid)?.state === 'T', { deadline: 5_000, what: 'a stopped chaperone' })
  return () => process.kill(pid, 'SIGCONT')
}

test('its job is attended, neither attach nor recover takes it, output goes on, and the end is as ever', async () => {
  const { job, steps } = await startSteps(scene, 3)
  const { spool } = scene
  const { id } = job.spec
  const goOn = await stop(job)
  const attached = startChap(['attach', id], { spool })
  await pause(STOPPED_MS) // the fault
  expect(await chap(['recover', id], { spool })).toMatchObject({
    exitCode: 0,
    stderr: `chap: ${id} has its chaperone\n`,
  })
  expect(JSON.parse((await chap(['inspect', id, '--json'], { spool })).stdout)).toMatchObject({ verdict: 'attended' })
  // ssh writes the output itself: it needs no chaperone for it.
  steps.go()
  await untilArrived(job, steps.written(2))
  expectPrefix(job, steps.written())
  goOn()
  steps.go()
  await job.untilLeft()
  const written = steps.written()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written, runs: steps.runs })
  expect(await attached.result).toMatchObject({ stdout: written.stdout.toString(), exitCode: 42 })
  expect(readdirSync(job.paths.chaperones)).toEqual(['1'])
})

test('a kill asked meanwhile takes nothing over, and is carried out when it goes on', async () => {
  const { job, steps } = await startSteps(scene, 2)
  const { spool } = scene
  const goOn = await stop(job)
  const kill = startChap(['kill', job.spec.id], { spool })
  await until(() => readdirSync(job.paths.requests).some((name) => name.endsWith('.json')), {
    deadline: 10_000,
    what: 'the request',
  })
  await pause(STOPPED_MS) // the fault
  expect(job.state().state).toBe('running')
  goOn()
  expect(await kill.result).toMatchObject({ exitCode: 0 })
  await job.untilLeft()
  expectLawful(job, spool, {
    outcome: { kind: 'signaled', signal: 'SIGTERM' },
    written: steps.written(1),
    runs: steps.runs,
  })
  expect(readdirSync(job.paths.chaperones)).toEqual(['1'])
})

test('stopped while the link breaks: it finds out when it goes on, and reconnects', async () => {
  const { job, steps } = await startSteps(scene, 2)
  const goOn = await stop(job)
  scene.sshd.proxy.reset()
  await pause(STOPPED_MS) // the fault
  goOn()
  steps.go()
  await job.untilLeft()
  expectLawful(job, scene.spool, {
    outcome: { kind: 'exited', code: 42 },
    written: steps.written(),
    runs: steps.runs,
  })
})
