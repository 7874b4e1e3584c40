// Row 11: this machine's disk is full, and later it is not.
import { randomBytes } from 'node:crypto'
import { statfsSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { type Disk, mountDisk } from '../rig/disk.ts'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { setScene } from './scene.ts'

const test = testWith('linux', 'root', 'ssh', 'sshd')
const scene = setScene()
let disk: Disk | undefined
afterEach(() => {
  disk?.release()
  disk = undefined
})

test('no byte is lost or doubled, and the job ends when there is space again', async () => {
  const { spool, sshd } = scene
  disk = mountDisk(spool.dir, 2_048)
  const written = { stdout: randomBytes(5_000_000), stderr: Buffer.from('to stderr\n') }
  writeFileSync(`${spool.root}/in`, written.stdout)
  const script = `echo begun >>'${spool.root}/runs'; cat '${spool.root}/in'; echo to stderr >&2; exit 42`
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script]))
  await job.takeUp()
  await until(() => statfsSync(spool.dir).bfree === 0, { deadline: 30_000, what: 'a full disk' })
  const full = statSync(job.paths.stdout).size
  expectPrefix(job, written)
  // Tries while it is full change nothing.
  job.knock()
  expect((await chap(['ls'], { spool })).exitCode).toBe(0)
  expectPrefix(job, written)
  expect(statSync(job.paths.stdout).size).toBeGreaterThanOrEqual(full)
  disk.resize(16_384)
  await job.untilLeft(60_000)
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written, runs: `${spool.root}/runs` })
})

test('a job that finds no space is not half made', async () => {
  const { spool, sshd } = scene
  disk = mountDisk(spool.dir, 4)
  const start = await chap(['start', '-F', sshd.sshConfig, sshd.host, '--', 'true'], { spool })
  expect(start).toMatchObject({ exitCode: 125, stdout: '', stderr: expect.stringContaining('no space left') })
  expect((await chap(['ls', '-q', '-a'], { spool })).stdout).toBe('')
})
