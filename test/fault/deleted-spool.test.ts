// Row 12: the spool is deleted under a running chaperone: all of it, one job, one file. It leaves, and what runs on the remote is left alone.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { expect } from 'vitest'
import { readOwner } from '../../src/spool/chaperones.ts'
import type { JobPaths } from '../../src/spool/layout.ts'
import { chap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import type { TestJob } from '../rig/job.ts'
import { findByEnvironment, readProcess, waitUntilGone } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { remoteOf, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

/** Longer than a chaperone's rounds. */
const NOTICED_MS = 12_000

const untilChaperoneGone = async (job: TestJob, remove: () => void): Promise<void> => {
  const pid = readOwner(job.paths)?.identity.pid ?? 0
  const all = [...job.linkProcesses(), readProcess(pid)].filter((found) => found !== undefined)
  remove()
  await waitUntilGone(all, NOTICED_MS)
}

/** The command goes on, and its directory there holds its output, for a person to fetch. */
const expectRemoteKept = (job: TestJob): void => {
  expect(readFileSync(`${remoteOf(job)}/stdout`, 'utf8')).not.toBe('')
  expect(findByEnvironment('CHAP_JOB_ID', job.spec.id).length).toBeGreaterThan(0)
}

test('the whole spool is deleted: its chaperone leaves, and makes nothing anew', async () => {
  const { job } = await startSteps(scene, 2)
  const { dir, root } = scene.spool
  const around = readdirSync(root)
  await untilChaperoneGone(job, () => rmSync(dir, { recursive: true }))
  expectRemoteKept(job)
  expect(readdirSync(root)).toEqual(around.filter((name) => name !== 'spool'))
})

test("one job's directory is deleted: its chaperone leaves, and the others go on", async () => {
  const [{ job: other, steps }, { job }] = [await startSteps(scene, 2), await startSteps(scene, 2)]
  await untilChaperoneGone(job, () => rmSync(job.paths.dir, { recursive: true }))
  expectRemoteKept(job)
  expect(readdirSync(`${scene.spool.dir}/jobs`)).toEqual([other.spec.id])
  steps.go()
  await other.untilLeft()
  expectLawful(other, scene.spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written() })
})

for (const file of ['stdout', 'stderr'] as const satisfies readonly (keyof JobPaths)[])
  test(`${file} is deleted: its chaperone leaves and says so, and attach says what is missing`, async () => {
    const { job } = await startSteps(scene, 2)
    const { id } = job.spec
    await untilChaperoneGone(job, () => rmSync(job.paths[file]))
    expectRemoteKept(job)
    expect(job.log()).toContain("the job's files were deleted here; leaving")
    expect(existsSync(job.paths[file])).toBe(false)
    const attach = await chap(['attach', id], { spool: scene.spool })
    expect(attach).toMatchObject({ exitCode: 125, stderr: expect.stringContaining(job.paths[file]) })
    expect(readdirSync(job.paths.chaperones).length).toBeLessThan(4)
    expectRemoteKept(job)
  })

for (const file of ['state', 'log', 'timeline', 'doorbell', 'requests'] as const satisfies readonly (keyof JobPaths)[])
  test(`${file} is deleted: the job ends as ever`, async () => {
    const { job, steps } = await startSteps(scene, 2)
    const chaperone = readProcess(readOwner(job.paths)?.identity.pid ?? 0)
    rmSync(job.paths[file], { recursive: true })
    steps.go()
    if (chaperone !== undefined) await waitUntilGone([chaperone], NOTICED_MS)
    expect(job.state()).toMatchObject({
      state: 'ended',
      outcome: { kind: 'exited', code: 42 },
      link: { state: 'closed' },
    })
    expect(existsSync(remoteOf(job))).toBe(false)
    expect(readFileSync(job.paths.stdout)).toEqual(steps.written().stdout)
  })

test('the claims are deleted: the chaperone takes itself for superseded, and a new one finishes the job', async () => {
  const { job, steps } = await startSteps(scene, 2)
  rmSync(job.paths.chaperones, { recursive: true })
  scene.sshd.proxy.reset()
  steps.go()
  const wait = await chap(['wait', job.spec.id], { spool: scene.spool })
  expect(wait.exitCode).toBe(42)
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
})
