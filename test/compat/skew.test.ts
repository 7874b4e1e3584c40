// Two versions of chap at one spool: each attends, follows, kills and recovers the other's jobs.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { localDraft, makeJob, type TestJob } from '../rig/job.ts'
import { buildVersion, type OtherVersion } from '../rig/other-version.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux')

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

/** What another version differs in: fields of its own in the state, the spec and an owner's claim. */
const changes = [
  {
    file: 'spool/state.ts',
    from: '    updated: around.now,',
    to: "    updated: around.now, weather: { of: ['the', 'day'] },",
  },
  { file: 'spool/state.ts', from: '      fault: job.link.fault,', to: '      fault: job.link.fault, colour: 1,' },
  {
    file: 'spool/schema.ts',
    from: '  updated: time,',
    to: '  updated: time, weather: v.optional(v.object({ of: v.array(v.string()) })),',
  },
  { file: 'spool/spec.ts', from: '  format: FORMAT,', to: '  format: FORMAT, mood: 3,' },
  {
    file: 'spool/chaperones.ts',
    from: 'const record = { format: FORMAT,',
    to: "const record = { format: FORMAT, shoe: 'left',",
  },
]

const written = { stdout: Buffer.from('out\n'), stderr: Buffer.from('err\n') }
const terminated = { kind: 'signaled', signal: 'SIGTERM' } as const

const makeSleeper = (): TestJob =>
  makeJob(spool, localDraft(['sh', '-c', `echo begun >>'${spool.root}/runs'; echo out; echo err >&2; exec sleep 100`]))

const expectTerminated = async (job: TestJob): Promise<void> => {
  await job.untilLeft()
  expectLawful(job, spool, { outcome: terminated, written, runs: `${spool.root}/runs` })
}

describe('a version with fields that this one does not have', () => {
  let other: OtherVersion
  beforeAll(async () => {
    other = await buildVersion('0.0.9', changes)
  })
  afterAll(() => other.remove())

  const runOther = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [other.chap, ...args], {
      env: spool.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 30_000,
    })

  test('its job is attached to and killed', async () => {
    expect(runOther('--version')).toBe('0.0.9\n')
    const job = makeSleeper()
    await job.takeUp(other.chaperone)
    await job.untilState('running')
    expect(job.state()).toMatchObject({ weather: { of: ['the', 'day'] }, link: { colour: 1 } })
    const attached = startChap(['attach', job.spec.id], { spool })
    expect((await chap(['kill', job.spec.id], { spool })).exitCode).toBe(0)
    expect(await attached.result).toMatchObject({ exitCode: 143, stdout: 'out\n', stderr: 'err\n' })
    await expectTerminated(job)
  })

  test('its job is recovered when its chaperone died', async () => {
    const job = makeSleeper()
    await job.takeUp(other.chaperone)
    await job.untilState('running')
    await job.killChaperone()
    expect((await chap(['recover', job.spec.id], { spool })).exitCode).toBe(0)
    await until(() => !('weather' in job.state()), { deadline: 10_000, what: 'a state of this version' })
    expect((await chap(['kill', job.spec.id], { spool })).exitCode).toBe(0)
    await expectTerminated(job)
  })

  test('a job that it made whole is listed, waited for and removed here', async () => {
    const id = runOther('start', '--', 'sh', '-c', 'echo out; exit 7').trim()
    expect((await chap(['attach', id], { spool })).exitCode).toBe(7)
    expect((await chap(['ls'], { spool })).stdout).toContain(`${id}\t`)
    expect((await chap(['rm', id], { spool })).exitCode).toBe(0)
    expect(runOther('ls', '-q')).toBe('')
  })

  test('it attends, recovers and kills a job of this version', async () => {
    const job = makeSleeper()
    await job.takeUp()
    await job.untilState('running')
    expect(JSON.parse(runOther('ls', '--json'))).toMatchObject([{ id: job.spec.id, unreadable: [] }])
    await job.killChaperone()
    runOther('recover', job.spec.id)
    await until(() => 'weather' in job.state(), { deadline: 10_000, what: 'a state of the other version' })
    runOther('kill', job.spec.id)
    await expectTerminated(job)
  })

  test('a chaperone goes on when its version is removed or replaced under it', async () => {
    const old = await buildVersion('0.0.8', changes)
    const job = makeSleeper()
    await job.takeUp(old.chaperone)
    await job.untilState('running')
    rmSync(old.dist, { recursive: true })
    await killAll(job.linkProcesses().slice(0, 1))
    await until(() => job.state().link.generation === 2 && job.state().link.state === 'up', {
      deadline: 20_000,
      what: 'the second link',
    })
    expect((await chap(['kill', job.spec.id], { spool })).exitCode).toBe(0)
    await expectTerminated(job)
    old.remove()
  })
})
