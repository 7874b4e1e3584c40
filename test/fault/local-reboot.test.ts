// Row 10: this machine reboots. Every job is an orphan, `recover --all` finishes them all, and no old pid means anything.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { type Stranger, startStranger } from '../rig/stranger.ts'
import { until } from '../rig/until.ts'
import { crash, remoteOf, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()
const OTHER_BOOT = '00000000-0000-4000-8000-000000000000'

let stranger: Stranger
beforeEach(async () => {
  stranger = await startStranger()
})
afterEach(() => stranger.end())

/** What a reboot leaves of a chaperone: its claim, whose pid and start time may by now be another's. */
const ageClaim = (job: TestJob): void => {
  const claim = join(job.paths.chaperones, '1')
  const record = { ...JSON.parse(readFileSync(claim, 'utf8')), boot_id: OTHER_BOOT, pid: stranger.pid }
  writeFileSync(claim, JSON.stringify({ ...record, start_time: String(stranger.startTime) }))
}

test('recover --all finishes every job, and touches nobody whose pid is in a claim', async () => {
  const { spool, sshd } = scene
  const running = await startSteps(scene, 2)
  const meanwhile = makeJob(
    spool,
    sshDraft(sshd, spool, ['sh', '-c', `until [ -e '${spool.root}/end' ]; do sleep 0.05; done; echo bye; exit 3`]),
  )
  const here = makeJob(spool, localDraft(['sh', '-c', 'echo here; exec sleep 1000']))
  for (const job of [meanwhile, here]) {
    await job.takeUp()
    await job.untilState('running')
  }
  await until(() => readFileSync(here.paths.stdout, 'utf8') === 'here\n', { deadline: 10_000, what: 'its output' })

  for (const job of [running.job, meanwhile, here]) {
    await crash(job)
    ageClaim(job)
  }
  const supervisor = join(here.paths.launcher, `${here.spec.id}-${here.spec.nonce}`, 'supervisor')
  const [pid = 0, startTime = 0] = readFileSync(supervisor, 'utf8').split(' ').map(Number)
  // The supervisor first: it must not live to see the command's end.
  await killAll([{ pid, startTime }, ...findByEnvironment('CHAP_JOB_ID', here.spec.id)])
  writeFileSync(supervisor, `${stranger.pid} ${stranger.startTime} ${OTHER_BOOT}\n`)
  writeFileSync(`${spool.root}/end`, '')
  await until(() => readFileSync(`${remoteOf(meanwhile)}/exit`), { deadline: 10_000, what: 'the end over there' })

  const before = JSON.parse((await chap(['ls', '--json'], { spool })).stdout) as { verdict: string }[]
  expect(before.map(({ verdict }) => verdict)).toEqual(['orphaned', 'orphaned', 'orphaned'])
  expect(await chap(['recover', '--all'], { spool })).toMatchObject({ exitCode: 0 })
  running.steps.go()
  for (const job of [running.job, meanwhile, here]) await job.untilLeft()
  const { steps } = running
  expectLawful(running.job, spool, {
    outcome: { kind: 'exited', code: 42 },
    written: steps.written(),
    runs: steps.runs,
  })
  const bye = { stdout: Buffer.from('bye\n'), stderr: Buffer.alloc(0) }
  expectLawful(meanwhile, spool, { outcome: { kind: 'exited', code: 3 }, written: bye })
  expectLawful(here, spool, {
    outcome: { kind: 'unknown', reason: 'rebooted', evidence: 'no exit record' },
    written: { stdout: Buffer.from('here\n'), stderr: Buffer.alloc(0) },
  })
  expect(stranger.isUnharmed()).toBe(true)
})
