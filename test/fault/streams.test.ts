// Rows 21 and 22: bytes of every kind, one very long line, streams that are closed early, and streams that outlive their command.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { setScene } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

const LONG = 100_000_000

const start = async (script: string): Promise<TestJob> => {
  const { sshd, spool } = scene
  const job = makeJob(spool, sshDraft(sshd, spool, ['bash', '-c', script]))
  await job.takeUp()
  return job
}

test('one line of 100 MB', async () => {
  const { spool } = scene
  const job = await start(`head -c ${LONG} /dev/zero | tr '\\0' x; echo end >&2`)
  const attach = await chap(['attach', job.spec.id], { spool })
  const written = { stdout: Buffer.alloc(LONG, 'x'), stderr: Buffer.from('end\n') }
  expect(attach.stdoutBytes.equals(written.stdout)).toBe(true)
  expect((await chap(['logs', '-n', '1', '--stdout', job.spec.id], { spool })).stdoutBytes).toHaveLength(LONG)
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, written })
})

test('every byte, NULs, invalid UTF-8, and no line end', async () => {
  const { spool } = scene
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  const hostile = [
    everyByte,
    Buffer.alloc(5_000),
    Buffer.from('\ufeffé\ud83d'),
    Buffer.from([0xc3, 0x28, 0xff, 0xfe]),
    randomBytes(70_000),
  ]
  const written = { stdout: Buffer.concat(hostile), stderr: Buffer.concat([...hostile].reverse()) }
  writeFileSync(`${spool.root}/out`, written.stdout)
  writeFileSync(`${spool.root}/err`, written.stderr)
  const job = await start(`cat '${spool.root}/out'; cat '${spool.root}/err' >&2; exit 9`)
  const attach = await chap(['attach', job.spec.id], { spool })
  expect([attach.stdoutBytes.equals(written.stdout), attach.stderrBytes.equals(written.stderr)]).toEqual([true, true])
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 9 }, written })
})

test('the command closes its streams and goes on: the status is the one of its end', async () => {
  const job = await start('echo before; exec >&- 2>&-; sleep 1; exit 7')
  const state = await job.untilLeft()
  const written = { stdout: Buffer.from('before\n'), stderr: Buffer.alloc(0) }
  expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: 7 }, written })
  expect(Date.parse(state.end_time ?? '') - Date.parse(state.start_time ?? '')).toBeGreaterThanOrEqual(900)
})

test('a grandchild holds the streams after the end: the status is there at once, late bytes are flagged and not kept', async () => {
  const job = await start("sh -c 'sleep 1000; echo late' & echo out; exit 3")
  const state = await job.untilLeft(15_000)
  expect(state).toMatchObject({ late_output: true, outcome: { kind: 'exited', code: 3 }, stdout: { size: 4 } })
  expect(readFileSync(job.paths.stdout, 'utf8')).toBe('out\n')
  // It is the user's: chap ends nothing that it was not asked to end.
  const left = findByEnvironment('CHAP_JOB_ID', job.spec.id)
  expect(left.length).toBeGreaterThan(0)
  await killAll(left)
  expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: 3 } })
})
