// Row 9: the remote's disk is full, or its directory is deleted.
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, expect } from 'vitest'
import { type Disk, mountDisk } from '../rig/disk.ts'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { until } from '../rig/until.ts'
import { remoteOf, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'root', 'ssh', 'sshd', 'perl')
const scene = setScene()
let disk: Disk | undefined
afterEach(() => {
  disk?.release()
  disk = undefined
})

test('the disk is full: what the command prints waits, its own files have no space, and its record is written when there is', async () => {
  const { sshd, spool } = scene
  const remoteDir = `${spool.root}/small`
  disk = mountDisk(remoteDir, 1_024)
  const written = { stdout: randomBytes(3_000_000), stderr: randomBytes(100_000) }
  for (const stream of ['stdout', 'stderr'] as const) writeFileSync(`${spool.root}/${stream}`, written[stream])
  // Beside what it prints, it fills a file of its own, and says what came of it elsewhere.
  const own = `head -c 2000000 /dev/zero 2>/dev/null >small/own; echo "$?" >status; rm small/own`
  // Both at once: while one stream waits for room, the other does, too.
  const script = `cd '${spool.root}'; cat stdout & cat stderr >&2 & ${own}; wait; exit 42`
  const job = makeJob(spool, sshDraft(sshd, spool, ['bash', '-c', script], { remoteDir }))
  await job.takeUp()
  await until(() => readFileSync(`${spool.root}/status`, 'utf8') === '1\n', { deadline: 20_000, what: 'its status' })
  await until(() => statSync(`${remoteOf(job)}/full`), { deadline: 20_000, what: 'a recorder that waits' })
  await job.untilState('running')
  expectPrefix(job, written)
  disk.resize(8_192)
  await job.untilLeft()
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
