// Row 21: output beyond the sizes that 31 and 32 bits hold. Both files are stretched by a hole while the link is down, as if that much had been
// written and had arrived: what is resumed, compared and recorded is the real thing at the real offset.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { expectNothingLeft } from '../rig/invariants.ts'
import { needProgram } from '../rig/programs.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type SshdOptions, startSshd } from '../rig/sshd.ts'
import { remoteOf, startSteps } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const FAR = 5 * 2 ** 30

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const readEnd = (path: string, bytes: number): Buffer => {
  const end = Buffer.alloc(bytes)
  const fd = openSync(path, 'r')
  readSync(fd, end, 0, bytes, statSync(path).size - bytes)
  closeSync(fd)
  return end
}

const resumeFarOut = async (options: SshdOptions): Promise<void> => {
  const sshd = await startSshd({ ...options, proxied: true })
  try {
    const { job, steps } = await startSteps({ sshd, spool }, 3)
    sshd.proxy.refuse()
    sshd.proxy.reset()
    await job.untilState('reconnecting')
    for (const file of [job.paths.stdout, join(remoteOf(job), 'stdout')]) truncateSync(file, FAR)
    steps.go()
    await sshd.proxy.accept()
    job.knock()
    await job.untilState('running')
    steps.go()
    const state = await job.untilLeft(60_000)
    const rest = steps.written().stdout.subarray(steps.written(1).stdout.length)
    expect(state.outcome).toEqual({ kind: 'exited', code: 42 })
    expect(statSync(job.paths.stdout).size).toBe(FAR + rest.length)
    expect(state.stdout.size).toBe(FAR + rest.length)
    expect(readEnd(job.paths.stdout, rest.length).equals(rest)).toBe(true)
    // Compared by checksum before the remote's copy was removed.
    expect(state.remote.collected, job.log()).toBe(true)
    expectNothingLeft(job, spool)
  } finally {
    await sshd.stop()
  }
}

test('a stream of more than 5 GiB is resumed at its offset', () => resumeFarOut({}))

test('the same from a machine that has BusyBox only', async () => {
  const path = await mkdtemp(join(tmpdir(), 'chap-t-path-'))
  const busybox = needProgram('busybox')
  for (const name of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean))
    symlinkSync(busybox, join(path, name))
  // The account's rc files would put more into PATH.
  const force = join(path, 'force')
  writeFileSync(force, `#!${path}/sh\nexport PATH='${path}'; eval "$SSH_ORIGINAL_COMMAND"\n`, { mode: 0o755 })
  await resumeFarOut({ config: [`ForceCommand ${force}`] })
  await rm(path, { recursive: true })
})
