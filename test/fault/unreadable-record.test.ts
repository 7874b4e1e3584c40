// What can't be read is never removed: a damaged record of the end leaves the job's directory on the remote as it is.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { crash, remoteOf, setScene, startSteps } from './scene.ts'

const scene = setScene()

testWith(
  'linux',
  'ssh',
  'sshd',
)('a record of the end that is damaged: unknown, and its directory there is kept by every chaperone', async () => {
  const { job, steps } = await startSteps(scene, 2, { onExit: 'true' })
  await crash(job)
  steps.go()
  const there = remoteOf(job)
  await until(() => existsSync(`${there}/exit`), { deadline: 20_000, what: 'the record of the end' })
  writeFileSync(`${there}/exit`, 'chap-exit 1 nonce=')
  await job.takeUp()
  const state = await job.untilLeft()
  expect(state).toMatchObject({
    outcome: { kind: 'unknown', reason: 'record_unreadable' },
    remote: { collected: false },
    link: { state: 'closed' },
  })
  expect(readFileSync(`${there}/stdout`)).toEqual(steps.written().stdout)
  // One that comes for something else does not remove it either.
  await job.takeUp()
  await job.untilLeft()
  expect(readFileSync(`${there}/stdout`)).toEqual(steps.written().stdout)
  const { stdout } = await chap(['inspect', job.spec.id], { spool: scene.spool })
  expect(stdout).toMatch(new RegExp(`^kept there +${there}$`, 'm'))
})
