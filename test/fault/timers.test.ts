// Row 24: connect, total, idle; while connected and while not. Each ends the job with its own reason, and a slow network is not idleness.
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, expect } from 'vitest'
import { type ChapResult, chap, startChap } from '../rig/chap.ts'
import { expectLawful, expectNothingLeft } from '../rig/invariants.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { pickPort } from '../rig/ports.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { crash, remoteOf, setScene } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

const limits = {
  giveUpAfter: null,
  timeout: null,
  idleTimeout: null,
  maxOutput: null,
  onMaxOutput: 'keep',
  grace: 10,
} as const
const ALERT = { interval: 1, count: 2 }
const terminated = { kind: 'signaled', signal: 'SIGTERM' } as const

type Change = NonNullable<Parameters<typeof sshDraft>[3]>

const start = async (script: string, change: Change): Promise<TestJob> => {
  const job = makeJob(
    scene.spool,
    sshDraft(scene.sshd, scene.spool, ['sh', '-c', script], { keepalive: ALERT, ...change }),
  )
  await job.takeUp()
  return job
}

const hasRecord = (job: TestJob): Promise<unknown> =>
  until(() => existsSync(`${remoteOf(job)}/exit`), { deadline: 20_000, what: 'the record on the remote' })

/** chap run over the scene's sshd, as a person would. */
const run = (...words: readonly string[]): Promise<ChapResult> =>
  chap(['run', '-F', scene.sshd.sshConfig, '--remote-dir', `${scene.spool.root}/remote`, ...words], {
    spool: scene.spool,
  })

const inspect = async (): Promise<Record<string, unknown>> =>
  JSON.parse((await chap(['inspect', 'last', '--json'], { spool: scene.spool })).stdout)

describe('total', () => {
  test('while connected: exit status 124, and what really ended it', async () => {
    const { exitCode, stderr } = await run('--timeout', '1s', 'rig', '--', 'sleep', '100')
    expect({ exitCode, stderr }).toEqual({
      exitCode: 124,
      stderr: expect.stringMatching(/^chap: \w+ timed out after 1s: killed by SIGTERM\n$/),
    })
    expect(await inspect()).toMatchObject({ outcome: terminated, ended_by: 'timeout', exit_status: 124, timeout: 1 })
    const waited = await chap(['wait', 'last', '--json'], { spool: scene.spool })
    expect(waited.exitCode).toBe(124)
    expect(JSON.parse(waited.stdout)).toMatchObject([{ outcome: terminated, ended_by: 'timeout', exit_status: 124 }])
    expect((await chap(['attach', 'last'], { spool: scene.spool })).exitCode).toBe(124)
    expect((await chap(['logs', '-f', 'last'], { spool: scene.spool })).exitCode).toBe(124)
    expect((await chap(['ls'], { spool: scene.spool })).stdout).toContain('\ttimed out\tSIGTERM\t')
    expect((await chap(['inspect', 'last'], { spool: scene.spool })).stdout).toMatch(
      /outcome +killed by SIGTERM: timed out after 1s\n(.*\n)*/,
    )
  })

  test('a command that ends in its grace by itself has its own status in the record, and 124 for who waits', async () => {
    const script = `trap 'echo bye; exit 3' TERM; while :; do sleep 0.1; done`
    const { exitCode, stdout } = await run('--timeout', '1s', 'rig', '-c', script)
    expect({ exitCode, stdout }).toEqual({ exitCode: 124, stdout: 'bye\n' })
    expect(await inspect()).toMatchObject({ outcome: { kind: 'exited', code: 3 }, ended_by: 'timeout' })
  })

  test('a command that ends in time has its own status and no reason but that', async () => {
    expect((await run('--timeout', '1h', '--idle-timeout', '1h', 'rig', '--', 'sh', '-c', 'exit 7')).exitCode).toBe(7)
    expect(await inspect()).toMatchObject({ outcome: { kind: 'exited', code: 7 }, ended_by: 'exit' })
  })

  test('while not connected, and across the death of the chaperone', async () => {
    const job = await start('echo up; exec sleep 100', { limits: { ...limits, timeout: 4 } })
    await job.untilState('running')
    await crash(job)
    await hasRecord(job)
    await job.takeUp()
    const state = await job.untilLeft()
    expectLawful(job, scene.spool, {
      outcome: terminated,
      written: { stdout: Buffer.from('up\n'), stderr: Buffer.alloc(0) },
    })
    expect(state.ended_by).toBe('timeout')
  })

  test('while the network is a black hole', async () => {
    const job = await start('exec sleep 100', { limits: { ...limits, timeout: 3 } })
    await job.untilState('running')
    scene.sshd.proxy.hole()
    await hasRecord(job)
    expect(job.state().outcome).toBeNull()
    scene.sshd.proxy.heal()
    await job.untilLeft()
    expectLawful(job, scene.spool, { outcome: terminated })
    expect(job.state().ended_by).toBe('timeout')
  })

  test('of a job that is to end with its connection', async () => {
    const job = await start('echo up; exec sleep 100', { onDisconnect: 'kill', limits: { ...limits, timeout: 2 } })
    const state = await job.untilLeft()
    expectLawful(job, scene.spool, {
      outcome: terminated,
      written: { stdout: Buffer.from('up\n'), stderr: Buffer.alloc(0) },
    })
    expect(state.ended_by).toBe('timeout')
  })

  test('of a job of this machine', async () => {
    const { exitCode } = await chap(['run', '--timeout', '1', '--', 'sleep', '100'], { spool: scene.spool })
    expect(exitCode).toBe(124)
    expect(await inspect()).toMatchObject({ outcome: terminated, ended_by: 'timeout' })
  })
})

describe('idle', () => {
  test('while connected: exit status 124', async () => {
    const { exitCode, stdout, stderr } = await run('--idle-timeout', '2s', 'rig', '-c', 'echo up; exec sleep 100')
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 124,
      stdout: 'up\n',
      stderr: expect.stringMatching(/^chap: \w+ timed out after 2s without output: killed by SIGTERM\n$/),
    })
    expect(await inspect()).toMatchObject({ outcome: terminated, ended_by: 'idle' })
  })

  test('while not connected, and across the death of the chaperone', async () => {
    const job = await start('echo up; exec sleep 100', { limits: { ...limits, idleTimeout: 4 } })
    await job.untilState('running')
    await crash(job)
    await hasRecord(job)
    await job.takeUp()
    await job.untilLeft()
    expectLawful(job, scene.spool, { outcome: terminated })
    expect(job.state().ended_by).toBe('idle')
  })

  test('a link that carries nothing is not idleness: the command writes, and goes on', async () => {
    const script = 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 1; done; exit 42'
    const job = await start(script, { limits: { ...limits, idleTimeout: 3 } })
    await job.untilState('running')
    scene.sshd.proxy.hole()
    await hasRecord(job)
    scene.sshd.proxy.heal()
    await job.untilLeft()
    const written = { stdout: Buffer.from('1\n2\n3\n4\n5\n6\n7\n8\n'), stderr: Buffer.alloc(0) }
    expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: 42 }, written })
    expect(job.state().ended_by).toBe('exit')
  })
})

describe('connect', () => {
  test('gives up: certainly never launched, exit status 124, and soon', async () => {
    scene.sshd.proxy.refuse()
    const begun = performance.now()
    const { exitCode, stderr } = await run('--give-up-after', '3s', 'rig', '--', 'true')
    expect(performance.now() - begun).toBeGreaterThanOrEqual(3_000)
    expect(exitCode).toBe(124)
    expect(stderr).toMatch(/never began: rig could not be reached in the time given \(.*Connection refused/)
    const seen = await inspect()
    expect(seen).toMatchObject({ outcome: { kind: 'refused', reason: 'gave_up' }, exit_status: 124, give_up_after: 3 })
  })

  test('a try that hears nothing is ended with the time', async () => {
    scene.sshd.proxy.hole()
    const job = await start('true', { connectTimeout: 60, limits: { ...limits, giveUpAfter: 2 } })
    await job.untilState('ended', 6_000)
    const state = await job.untilLeft()
    expect(state.outcome).toEqual({ kind: 'refused', reason: 'gave_up', evidence: 'no try has ended' })
    expectNothingLeft(job, scene.spool)
  })

  test('the time goes on being counted after the death of the chaperone', async () => {
    scene.sshd.proxy.hole()
    const job = await start('true', { connectTimeout: 1, limits: { ...limits, giveUpAfter: 12 } })
    await until(() => job.state().link.tried === 10, { deadline: 15_000, what: 'ten seconds of trying' })
    await crash(job)
    const begun = performance.now()
    await job.takeUp()
    await job.untilState('ended', 6_000)
    expect(performance.now() - begun).toBeGreaterThanOrEqual(2_000)
    // The one that died may have had a directory prepared there: it is looked for when that can be done.
    scene.sshd.proxy.heal()
    job.knock()
    expect((await job.untilLeft()).outcome).toMatchObject({ kind: 'refused', reason: 'gave_up' })
  })

  test('once the command has begun nothing is given up', async () => {
    const job = await start('sleep 6; exit 5', { connectTimeout: 2, limits: { ...limits, giveUpAfter: 2 } })
    await job.untilState('running')
    scene.sshd.proxy.hole()
    await hasRecord(job)
    await job.untilState('reconnecting')
    scene.sshd.proxy.heal()
    await job.untilLeft()
    expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: 5 } })
  })
})

describe('one try has its time for the whole way, also where a server answers and then falls silent', () => {
  // It speaks first, as sshd does, and never again.
  const startSilent = async (change: Change): Promise<{ job: TestJob; close: () => void }> => {
    const server = createServer((socket) => socket.on('error', () => undefined).write('SSH-2.0-Silent\r\n'))
    const port = await pickPort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const options = ['-F', scene.sshd.sshConfig, '-p', String(port)]
    const route = { kind: 'ssh', destination: 'rig', options, onward: [] } as const
    return { job: await start('true', { route, connectTimeout: 2, ...change }), close: () => server.close() }
  }
  const expectExact = (took: number): void => {
    expect(took).toBeGreaterThanOrEqual(2_000)
    expect(took).toBeLessThan(6_000)
  }

  test('with the launcher', async () => {
    const begun = performance.now()
    const { job, close } = await startSilent({})
    await until(() => job.state().link.attempts === 1, { deadline: 10_000, what: 'the end of the first try' })
    expectExact(performance.now() - begun)
    expect(job.state().link.fault).toMatchObject({
      code: 'timeout',
      evidence: expect.stringMatching(/port \d+ timed out|within 2 s/),
    })
    job.ask('stop', 'SIGTERM')
    await job.untilLeft()
    close()
  })

  test('without it', async () => {
    const begun = performance.now()
    const { job, close } = await startSilent({ plain: true })
    await job.untilLeft(10_000)
    expectExact(performance.now() - begun)
    expect(job.state().outcome).toMatchObject({
      kind: 'unknown',
      evidence: expect.stringMatching(/port \d+ timed out|not let in within 2 s/),
    })
    close()
  })
})

describe('what can not be had is said', () => {
  for (const words of [
    ['--plain', '--timeout', '1h'],
    ['--plain', '--idle-timeout', '1h'],
    ['--plain', '--give-up-after', '1h'],
    ['--on-disconnect', 'kill', '--idle-timeout', '1h'],
    ['--timeout', '0s'],
    ['--timeout', '4000d'],
  ])
    test(words.join(' '), async () => {
      const { exitCode, stderr } = await run(...words, 'rig', '--', 'true')
      expect(exitCode).toBe(2)
      expect(stderr).toContain(words.at(-2))
      expect(existsSync(`${scene.spool.dir}/jobs`) ? readdirSync(`${scene.spool.dir}/jobs`) : []).toEqual([])
    })
})

test('the time of chap wait is its own', async () => {
  const waiting = startChap(['run', '--timeout', '1h', '--', 'sleep', '100'], { spool: scene.spool })
  await until(() => readdirSync(`${scene.spool.dir}/jobs`).length === 1, { deadline: 10_000, what: 'the job' })
  const { exitCode, stderr } = await chap(['wait', 'last', '--timeout', '1s'], { spool: scene.spool })
  expect({ exitCode, stderr }).toEqual({ exitCode: 124, stderr: expect.stringContaining('did not end in time') })
  await chap(['kill', 'last'], { spool: scene.spool })
  expect((await waiting.result).exitCode).toBe(143)
  expect(await inspect()).toMatchObject({ ended_by: 'kill' })
})
