// Row 9: the remote's disk is full, or its directory is deleted.
import { readFileSync, rmSync, statSync } from 'node:fs'
import { afterEach, expect } from 'vitest'
import { type Disk, mountDisk } from '../rig/disk.ts'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { until } from '../rig/until.ts'
import { remoteOf, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'root', 'ssh', 'sshd')
const scene = setScene()
let disk: Disk | undefined
afterEach(() => {
  disk?.release()
  disk = undefined
})

test('the disk is full: the command hears of it, and its record is written when there is space', async () => {
  const { sshd, spool } = scene
  const remoteDir = `${spool.root}/small`
  disk = mountDisk(remoteDir, 1_024)
  // Written through a pipe to a recorder: the command hears EPIPE where a file of its own would give ENOSPC.
  const script = `trap '' PIPE; head -c 3000000 /dev/zero; echo "$?" >'${spool.root}/status'; exit 42`
  const job = makeJob(spool, sshDraft(sshd, spool, ['bash', '-c', script], { remoteDir }))
  await job.takeUp()
  await until(() => readFileSync(`${spool.root}/status`, 'utf8') !== '', { deadline: 20_000, what: 'its status' })
  expect(readFileSync(`${spool.root}/status`, 'utf8')).toBe('1\n')
  await until(() => statSync(`${remoteOf(job)}/exit.new`), { deadline: 10_000, what: 'a try to write the record' })
  expect(job.state().state).toBe('running')
  const { size } = statSync(`${remoteOf(job)}/stdout`)
  disk.resize(8_192)
  await job.untilLeft()
  // What head said of it found no space either.
  const written = { stdout: Buffer.alloc(size), stderr: Buffer.alloc(0) }
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written })
})

test('no space at all for a new job: it does not begin before there is', async () => {
  const { sshd, spool } = scene
  const remoteDir = `${spool.root}/small`
  disk = mountDisk(remoteDir, 8)
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', `echo begun >>'${spool.root}/runs'`], { remoteDir }))
  await job.takeUp()
  await until(() => job.state().state === 'ended' || job.state().link.attempts > 0, {
    deadline: 20_000,
    what: 'a failure',
  })
  expect(() => readFileSync(`${spool.root}/runs`)).toThrow('ENOENT')
  disk.resize(1_024)
  job.knock()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, runs: `${spool.root}/runs` })
})

test('its directory is deleted: unknown when the command ends, and nothing is made anew', async () => {
  const { job, steps } = await startSteps(scene, 2)
  rmSync(remoteOf(job), { recursive: true })
  steps.go()
  const state = await job.untilLeft()
  const { outcome } = state
  expect(outcome).toMatchObject({ kind: 'unknown', reason: 'directory_gone' })
  expectLawful(job, scene.spool, { outcome, runs: steps.runs })
})

test('its directory is deleted, and the link breaks: unknown at once; the command is left alone', async () => {
  const { job, steps } = await startSteps(scene, 2)
  rmSync(remoteOf(job), { recursive: true })
  scene.sshd.proxy.reset()
  job.knock()
  expect((await job.untilLeft()).outcome).toMatchObject({ kind: 'unknown', reason: 'directory_gone' })
  expect(readFileSync(steps.runs, 'utf8')).toBe('begun\n')
  const left = findByEnvironment('CHAP_JOB_ID', job.spec.id)
  expect(left.length).toBeGreaterThan(0)
  await killAll(left)
})
