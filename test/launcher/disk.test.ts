// A disk that is full where the output is recorded: the recorder waits for room, and loses nothing that came through its pipes.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { type Disk, mountDisk } from '../rig/disk.ts'
import { launcherShells, makeLauncher, type TestControl, type TestLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

/** Milliseconds for which a record waits for recorders whose streams are held open, and some more. */
const PAST_LATE_MS = 3_500

let spool: Spool
let disk: Disk

beforeEach(async () => {
  spool = await makeSpool()
  disk = mountDisk(`${spool.root}/small`, 1_024)
})
afterEach(async () => {
  disk.release()
  await cleanUp(spool)
})

/** Files for a command to copy to its streams. */
const writeSources = (sizes: { stdout: number; stderr: number }): { stdout: Buffer; stderr: Buffer } => {
  const written = { stdout: randomBytes(sizes.stdout), stderr: randomBytes(sizes.stderr) }
  for (const stream of ['stdout', 'stderr'] as const) writeFileSync(`${spool.root}/${stream}`, written[stream])
  return written
}

const begin = async (launcher: TestLauncher, script: string): Promise<TestControl> => {
  const control = await launcher.open(1)
  await control.launch(script)
  return control
}

const untilFull = (launcher: TestLauncher): Promise<unknown> =>
  until(() => existsSync(`${launcher.dir}/full`), { deadline: 20_000, what: 'a recorder that waits' })

const expectEnd = async (launcher: TestLauncher, control: TestControl, written: { stdout: Buffer; stderr: Buffer }) => {
  expect(await control.untilOver()).toMatchObject({
    kind: 'ended',
    record: { status: 42, late: false, sizes: { stdout: written.stdout.length, stderr: written.stderr.length } },
  })
  for (const stream of ['stdout', 'stderr'] as const)
    expect(readFileSync(`${launcher.dir}/${stream}`).equals(written[stream]), stream).toBe(true)
  await control.close()
  await untilNothingRuns(launcher)
}

describe.each(launcherShells)('%s, where no file can be made', (shell) => {
  const test = testWith('linux', 'root', shell)

  test('a link is refused for want of room, and not for a newer one that there is not', async () => {
    const launcher = makeLauncher(spool, { shell, root: disk.path })
    const control = await begin(launcher, 'sleep 600')
    await control.close()
    for (const files of [0, 1]) {
      disk.allow(files)
      const { control: late, child } = launcher.hail(2, { isKnown: true })
      expect(await late.greeted).toMatchObject({
        declined: { verb: 'refused', words: expect.arrayContaining(['room', 'space']) },
      })
      await child.exited
    }
    disk.allow()
    const back = await launcher.open(2, { isKnown: true })
    expect(await back.status()).toMatchObject({ kind: 'running' })
    await back.ask('signal KILL')
    expect(await back.untilOver()).toMatchObject({ kind: 'ended', record: { status: 137 } })
    await back.close()
    await untilNothingRuns(launcher)
  })

  test('a job that was refused for want of room leaves nothing behind', async () => {
    const launcher = makeLauncher(spool, { shell, root: disk.path })
    for (const files of [1, 2, 3]) {
      disk.allow(files)
      const { control, child } = launcher.hail(1)
      expect(await control.greeted).toMatchObject({ declined: { verb: 'refused' } })
      await child.exited
      expect(readdirSync(disk.path)).toEqual([])
    }
  })
})

describe.each(launcherShells.filter((shell) => shell !== 'busybox'))('%s', (shell) => {
  const test = testWith('linux', 'root', shell, 'perl')

  test('a command that writes more than there is room for waits, and goes on when there is', async () => {
    const launcher = makeLauncher(spool, { shell, root: disk.path })
    const written = writeSources({ stdout: 3_000_000, stderr: 2_000_000 })
    const control = await begin(launcher, `cat ${spool.root}/stdout & cat ${spool.root}/stderr >&2; wait; exit 42`)
    await untilFull(launcher)
    expect(await control.status()).toMatchObject({ kind: 'running' })
    for (const stream of ['stdout', 'stderr'] as const) {
      const there = readFileSync(`${launcher.dir}/${stream}`)
      expect(there.equals(written[stream].subarray(0, there.length))).toBe(true)
    }
    // A little room at a time: it fills, and waits again.
    disk.resize(2_048)
    await until(() => statSync(`${launcher.dir}/stdout`).size + statSync(`${launcher.dir}/stderr`).size > 1_900_000, {
      deadline: 10_000,
      what: 'some more',
    })
    disk.resize(16_384)
    await expectEnd(launcher, control, written)
  })

  test('what was written last is not given up for lost when the command has ended', async () => {
    const launcher = makeLauncher(spool, { shell, root: disk.path })
    // More than the disk takes beside the launcher; the rest fits into the pipe and the recorder.
    const written = writeSources({ stdout: 1_040_000, stderr: 0 })
    const control = await begin(launcher, `cat ${spool.root}/stdout; echo over >${spool.root}/over; exit 42`)
    await untilFull(launcher)
    const ended = await until(() => existsSync(`${spool.root}/over`) && performance.now(), { deadline: 10_000 })
    await until(() => performance.now() - ended > PAST_LATE_MS, { deadline: 10_000 })
    expect(existsSync(`${launcher.dir}/exit`)).toBe(false)
    disk.resize(16_384)
    await expectEnd(launcher, control, written)
  })
})

describe.each([
  { shell: 'busybox', without: [] },
  { shell: 'dash', without: ['perl'] },
] as const)('$shell without perl', ({ shell, without }) => {
  testWith(
    'linux',
    'root',
    shell,
  )('the command hears of it, and its record is written when there is room', async () => {
    const launcher = makeLauncher(spool, { shell, without, root: disk.path })
    writeSources({ stdout: 3_000_000, stderr: 0 })
    const status = `${spool.root}/status`
    const control = await begin(launcher, `trap '' PIPE; cat ${spool.root}/stdout; echo $? >${status}; exit 42`)
    await until(() => existsSync(status) && readFileSync(status, 'utf8') !== '', { deadline: 20_000, what: 'its end' })
    expect(readFileSync(status, 'utf8')).toBe('1\n')
    await until(() => existsSync(`${launcher.dir}/exit.new`), { deadline: 10_000, what: 'a try to write the record' })
    const { size } = statSync(`${launcher.dir}/stdout`)
    disk.resize(16_384)
    expect(await control.untilOver()).toMatchObject({ kind: 'ended', record: { status: 42, sizes: { stdout: size } } })
    await control.close()
    await untilNothingRuns(launcher)
  })
})
