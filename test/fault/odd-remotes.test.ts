// Row 20: machines that lack something: setsid, /proc, a /tmp that one may execute from, a home that one may write to.
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { expectLawful, expectNothingLeft } from '../rig/invariants.ts'
import { makeJob, remoteDir, sshDraft } from '../rig/job.ts'
import { type Machine, startMachine } from '../rig/machine.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { startSteps } from './scene.ts'

const test = testWith('linux', 'root', 'namespaces', 'ssh', 'sshd')

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

/** Sets up a machine for the tests of a suite. */
const useMachine = (start: () => Promise<Machine>): (() => Machine) => {
  let machine: Machine
  beforeAll(async () => {
    machine = await start()
  })
  afterAll(() => machine.stop())
  return () => machine
}

/** All that a job may ask of a machine: output after a break, a true status, and a kill. */
const testWhole = (machine: () => Machine): void => {
  test('a job survives a break of its link, with all of its output and its status', async () => {
    const { sshd } = machine()
    const { job, steps } = await startSteps({ sshd, spool }, 3)
    const link = job.linkProcesses()[0]
    if (link !== undefined) process.kill(link.pid, 'SIGKILL')
    await job.untilState('reconnecting')
    steps.go()
    job.knock()
    await job.untilState('running')
    steps.go()
    await job.untilLeft()
    expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
  })

  test('a kill ends it', async () => {
    const { job, steps } = await startSteps({ sshd: machine().sshd, spool }, 2)
    job.ask('stop', 'SIGTERM', 2)
    const state = await job.untilLeft()
    expect(state.outcome?.kind).toBe('signaled')
    expectLawful(job, spool, { outcome: state.outcome, written: steps.written(1), runs: steps.runs })
  })
}

const PROGRAMS =
  'sh bash cat tail dd ls ln mv rm rmdir mkdir mkfifo date sleep expr tr od grep sed sync cksum find ps kill'

describe('without setsid, with a perl and a python3 that do not work', () => {
  let path = ''
  testWhole(
    useMachine(async () => {
      path = await mkdtemp(join(tmpdir(), 'chap-t-path-'))
      for (const program of PROGRAMS.split(' ')) symlinkSync(needProgram(program), join(path, program))
      // As a version manager's shims are, where no version is installed.
      for (const shim of ['perl', 'python3']) writeFileSync(join(path, shim), '#!/bin/sh\nexit 127\n', { mode: 0o755 })
      return startMachine({ config: [`SetEnv PATH=${path}`] })
    }),
  )
  afterAll(() => rm(path, { recursive: true }))
})

describe('without /proc, which ps needs as well', () => {
  const machine = useMachine(() => startMachine({}, 'mount -t tmpfs none /proc'))

  test('a job is refused, with the option that helps, and leaves nothing', async () => {
    const { sshd } = machine()
    const words = ['-F', sshd.sshConfig, '--remote-dir', remoteDir(spool), sshd.host, '--', 'true']
    const start = await chap(['start', ...words], { spool })
    expect(start.exitCode).toBe(125)
    expect(start.stderr).toContain('/proc')
    expect(start.stderr).toContain('--plain')
    expect(existsSync(remoteDir(spool))).toBe(false)
    const doctor = await chap(['doctor', ...words.slice(0, -2)], { spool })
    expect(doctor.exitCode).toBe(1)
    expect(doctor.stdout).toMatch(/^FAIL {2}programs {6}no \/proc, and ps says: .*\n +hint: .*--plain/m)
  })

  test('with that option it runs', async () => {
    const { sshd } = machine()
    const run = await chap(['run', '-F', sshd.sshConfig, '--plain', sshd.host, '-c', 'echo out; exit 42'], { spool })
    expect([run.exitCode, run.stdout]).toEqual([42, 'out\n'])
  })
})

describe('with /tmp that nothing may be executed from', () => {
  testWhole(useMachine(() => startMachine({}, 'mount --bind /tmp /tmp; mount -o remount,bind,noexec /tmp')))
})

describe('with a read-only home', () => {
  let home = ''
  const machine = useMachine(async () => {
    home = await mkdtemp(join(tmpdir(), 'chap-t-home-'))
    const mount = `mount --bind '${home}' '${home}'; mount -o remount,bind,ro '${home}'`
    return startMachine({ config: [`SetEnv HOME=${home}`] }, mount)
  })
  afterAll(() => rm(home, { recursive: true }))

  test('a job is refused, with the option that helps', async () => {
    const { sshd } = machine()
    const start = await chap(['start', '-F', sshd.sshConfig, sshd.host, '--', 'true'], { spool })
    expect(start.exitCode).toBe(125)
    expect(start.stderr).toContain('Read-only file system')
    expect(start.stderr).toContain('--remote-dir')
  })

  test('with that option it runs', async () => {
    const { sshd } = machine()
    const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', 'echo out; exit 42']))
    await job.takeUp()
    await job.untilLeft()
    const written = { stdout: Buffer.from('out\n'), stderr: Buffer.alloc(0) }
    expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written })
    expectNothingLeft(job, spool)
  })
})
