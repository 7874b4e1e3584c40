// Row 11: this machine's disk is full, and later it is not.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, statfsSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { type Disk, mountDisk } from '../rig/disk.ts'
import { expectLawful, expectPrefix, type Written } from '../rig/invariants.ts'
import { localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { setScene } from './scene.ts'

const test = testWith('linux', 'root', 'ssh', 'sshd', 'perl')
const scene = setScene()
let disk: Disk | undefined
afterEach(() => {
  disk?.release()
  disk = undefined
})

const mountSpool = (kib: number): Disk => {
  disk = mountDisk(scene.spool.dir, kib)
  return disk
}

/** A job that writes so many bytes at once to both streams, on this machine or over ssh, and then waits for a word. */
const makeWriter = (where: 'ssh' | 'here', bytes: number): { job: TestJob; written: Written; runs: string } => {
  const { spool, sshd } = scene
  const written = { stdout: randomBytes(bytes), stderr: randomBytes(bytes) }
  for (const stream of ['stdout', 'stderr'] as const) writeFileSync(`${spool.root}/${stream}`, written[stream])
  const script = `cd '${spool.root}'; echo begun >>runs; cat stdout & cat stderr >&2; wait
    while [ ! -e go ]; do sleep 0.1; done; exit 42`
  const argv = ['sh', '-c', script] as const
  return {
    job: makeJob(spool, where === 'ssh' ? sshDraft(sshd, spool, argv) : localDraft(argv)),
    written,
    runs: `${spool.root}/runs`,
  }
}

const untilFull = (job: TestJob): Promise<unknown> =>
  until(() => job.state().disk?.code === 'disk_full', { deadline: 30_000, what: 'a state that says so' }).catch(
    (error: Error) => {
      throw new Error(`${error.message}\n${JSON.stringify(job.state())}\n${job.log()}`)
    },
  )

const count = (text: string, part: string): number => text.split(part).length - 1

describe.each(['ssh', 'here'] as const)('a job %s', (where) => {
  test('said in state; no byte is lost or doubled, also when the chaperone dies meanwhile; the job goes on', async () => {
    const { spool } = scene
    const small = mountSpool(2_048)
    const { job, written, runs } = makeWriter(where, 4_000_000)
    await job.takeUp()
    const attached = startChap(['attach', job.spec.id], { spool })
    await untilFull(job)
    expectPrefix(job, written)
    const ls = await chap(['ls'], { spool })
    expect(ls).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/\t(running|reconnecting.*), disk full\t/) })
    expect((await chap(['inspect', job.spec.id], { spool })).stdout).toMatch(/disk +no space is left for the spool \(/)

    await job.killChaperone()
    expect((await chap(['recover', job.spec.id], { spool })).exitCode).toBe(0)
    await untilFull(job)
    // The link is not to blame. Over ssh it stands, so that a kill gets through; a launcher here may have no place for its files.
    await until(() => where === 'here' || job.state().link.state === 'up', { deadline: 20_000, what: 'a link' })
    expect(job.state().link.fault?.code ?? 'disk_full').toBe('disk_full')
    expect(job.state().disk).toMatchObject({ code: 'disk_full' })
    // Tries while it is full change nothing.
    job.knock()
    expectPrefix(job, written)

    writeFileSync(`${spool.root}/go`, '')
    small.resize(32_768)
    const state = await job.untilLeft(60_000)
    expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written, runs })
    expect(state.disk).toBeNull()
    expect(readdirSync(job.paths.dir)).not.toContain('spares')
    const { stdoutBytes, stderrBytes, exitCode } = await attached.result
    expect(exitCode).toBe(42)
    expect(stdoutBytes.equals(written.stdout)).toBe(true)
    const said = stderrBytes.toString('latin1')
    expect(count(said, `chap: ${job.spec.id} waits: no space is left for the spool`)).toBe(1)
    expect(count(said, `chap: ${job.spec.id}: the spool has space again`)).toBe(1)
    expect(count(said, 'lost:')).toBe(0)
  })

  test('a kill is accepted while it is full, and carried out', async () => {
    const { spool } = scene
    const small = mountSpool(2_048)
    const { job } = makeWriter(where, 4_000_000)
    await job.takeUp()
    await untilFull(job)
    const killing = startChap(['kill', '--grace', '0', job.spec.id], { spool })
    await until(() => job.state().signals.some(({ sent }) => sent !== null), {
      deadline: 20_000,
      what: 'a delivered signal',
    })
    small.resize(32_768)
    const killed = await killing.result
    expect(killed.stderr).toContain(`${job.spec.id} waits: no space is left for the spool`)
    expect(killed.exitCode).toBe(0)
    await job.untilLeft()
    expectLawful(job, spool, { outcome: { kind: 'signaled', signal: 'SIGKILL' } })
  })

  test('one that has filled the disk can be removed by force, and all of it goes', async () => {
    const { spool } = scene
    mountSpool(2_048)
    const { job } = makeWriter(where, 4_000_000)
    await job.takeUp()
    await untilFull(job)
    expect(await chap(['rm', '--force', job.spec.id], { spool })).toMatchObject({ exitCode: 0, stderr: '' })
    // The chaperone looks every 5 s whether the job is there, and a try to greet that is under way may take 15 s.
    await until(() => statfsSync(spool.dir).bfree > 400, { deadline: 30_000, what: 'its room' })
    const mark = `${job.spec.id}-${job.spec.nonce}`
    await until(() => findByEnvironment('CHAP_MARK', mark).length === 0, { deadline: 10_000, what: 'its end' })
    expect(readdirSync(`${spool.dir}/jobs`)).toEqual([])
  })
})

test('a kill for which there is no room at all is refused, and nothing of it is left', async () => {
  const { spool } = scene
  mountSpool(2_048)
  const { job } = makeWriter('ssh', 40_000_000)
  await job.takeUp()
  await untilFull(job)
  await job.killChaperone()
  // What is kept for such a case is used up, and nobody is there to renew it.
  for (const name of readdirSync(job.paths.spares)) writeFileSync(`${job.paths.spares}/${name}`, '')
  fill(spool.dir)
  const killed = await chap(['kill', '--no-wait', job.spec.id], { spool })
  expect(killed).toMatchObject({ exitCode: 125, stdout: '', stderr: expect.stringMatching(/no space left.*\nhint: /) })
  expect(readdirSync(job.paths.requests)).toEqual([])
})

test('a job that finds no space is not half made', async () => {
  const { spool, sshd } = scene
  mountSpool(4)
  const start = await chap(['start', '-F', sshd.sshConfig, sshd.host, '--', 'true'], { spool })
  expect(start).toMatchObject({ exitCode: 125, stdout: '', stderr: expect.stringMatching(/no space left.*\nhint: /) })
  expect((await chap(['ls', '-q', '-a'], { spool })).stdout).toBe('')
  expect(readdirSync(`${spool.dir}/jobs`)).toEqual([])
})

test('rm and prune make room, and need none for it', async () => {
  const { spool } = scene
  mountSpool(2_048)
  const ended = ['a', 'b'].map(() => makeJob(spool, localDraft(['true'])))
  for (const job of ended) {
    await job.takeUp()
    await job.untilLeft()
  }
  fill(spool.dir)
  const [first, second] = ended.map(({ spec }) => spec.id)
  expect(await chap(['rm', first ?? ''], { spool })).toMatchObject({ exitCode: 0, stderr: '' })
  fill(spool.dir)
  expect(await chap(['prune', '--older-than', '0s'], { spool })).toMatchObject({ exitCode: 0, stdout: `${second}\n` })
  expect(ended.filter(({ paths }) => existsSync(paths.dir))).toEqual([])
})

/** Takes the last byte of it. */
const fill = (dir: string): void => {
  const write = (size: number): unknown => {
    try {
      writeFileSync(`${dir}/filling`, Buffer.alloc(size), { flag: 'a' })
      return undefined
    } catch (error) {
      return error
    }
  }
  for (const size of [65_536, 4_096, 1]) {
    let error = write(size)
    while (error === undefined) error = write(size)
    expect(error).toMatchObject({ code: 'ENOSPC' })
  }
}
