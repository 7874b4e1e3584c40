// The timers that the remote keeps: lease, timeout, idle. Each ends the command with its own reason, and none that ended by itself.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect } from 'vitest'
import type { ExitRecord } from '../../src/domain/report.ts'
import type { Hello } from '../../src/transport/protocol.ts'
import { launcherShells, makeLauncher, type TestControl, type TestLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { testWith } from '../rig/requires.ts'
import { makeSpools } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

// They wait for time to pass, most of all: so side by side.
const spools = makeSpools()
afterAll(spools.cleanUp)

const recordOf = async (control: TestControl): Promise<ExitRecord> => {
  const over = await control.untilOver()
  if (over.kind !== 'ended') throw new Error(`expected an end: ${JSON.stringify(over)}`)
  return over.record
}

/** Seconds from the record's start to its end. BusyBox tells whole ones only. */
const ran = ({ start, end }: ExitRecord): number => Math.ceil(end - start)

describe.concurrent.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)

  const run = async (
    script: string,
    timers: Partial<Hello>,
  ): Promise<{ record: ExitRecord; launcher: TestLauncher; control: TestControl }> => {
    const launcher = makeLauncher(await spools.make(), { shell })
    const control = await launcher.open(1, timers)
    await control.launch(script)
    return { record: await recordOf(control), launcher, control }
  }

  const watchers = (launcher: TestLauncher): number =>
    launcher.processes().filter(({ argv }) => argv.includes('watch')).length

  test('timeout: the whole group is ended, and the record says why', async () => {
    const { record, launcher, control } = await run('echo some; sleep 600 & exec sleep 600', { timeout: 2 })
    expect(record).toMatchObject({ status: 143, why: 'timeout', late: false, sizes: { stdout: 5, stderr: 0 } })
    expect(ran(record)).toBeGreaterThanOrEqual(2)
    expect(await control.status()).toMatchObject({ groupAlive: false })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('timeout: what catches SIGTERM ends as it likes', async () => {
    const script = `trap 'echo bye; exit 3' TERM; while :; do sleep 0.1; done`
    const { record, launcher } = await run(script, { timeout: 1 })
    expect(record).toMatchObject({ status: 3, why: 'timeout', late: false })
    expect(readFileSync(`${launcher.dir}/stdout`, 'utf8')).toBe('bye\n')
  })

  test('timeout: what ignores SIGTERM is killed after the grace, and what it wrote in it is kept', async () => {
    const script = `trap '' TERM; i=0; while :; do echo tick; sleep 0.2; done`
    const { record } = await run(script, { timeout: 1, grace: 1 })
    expect(record).toMatchObject({ status: 137, why: 'timeout', late: false })
    expect(ran(record)).toBeGreaterThanOrEqual(2)
    expect(record.sizes?.stdout).toBeGreaterThan(5 * 6)
  })

  test('timeout: the grace belongs to the whole group, also when the command itself goes at once', async () => {
    const stubborn = `(trap '' TERM; i=0; while :; do echo tick; sleep 0.2; done) & exec sleep 600`
    const { record, launcher, control } = await run(stubborn, { timeout: 1, grace: 3 })
    expect(record).toMatchObject({ status: 143, why: 'timeout', late: false })
    expect(record.sizes?.stdout).toBeGreaterThan(5 * 12)
    expect(await control.status()).toMatchObject({ groupAlive: false })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('timeout without grace: SIGKILL at once', async () => {
    const { record } = await run(`trap '' TERM; exec sleep 600`, { timeout: 1, grace: 0 })
    expect(record).toMatchObject({ status: 137, why: 'timeout' })
  })

  test('timeout: kept while nobody is connected', async () => {
    const launcher = makeLauncher(await spools.make(), { shell })
    const first = await launcher.open(1, { timeout: 2 })
    await first.launch('exec sleep 600')
    await first.close()
    await until(() => existsSync(`${launcher.dir}/exit`), { deadline: 10_000, what: 'the record' })
    const later = await launcher.open(2)
    expect(later.greeting.report).toMatchObject({ kind: 'ended', record: { status: 143, why: 'timeout' } })
    await later.close()
    await untilNothingRuns(launcher)
  })

  test('idle: a byte on either stream counts, and silence ends it', async () => {
    const script = 'for i in 1 2 3; do sleep 1; printf x; sleep 1; printf y >&2; done; exec sleep 600'
    const { record } = await run(script, { idleTimeout: 3 })
    expect(record).toMatchObject({ status: 143, why: 'idle', sizes: { stdout: 3, stderr: 3 } })
    expect(ran(record)).toBeGreaterThanOrEqual(9)
  })

  test('lease: what renews it counts, and nothing else', async () => {
    const launcher = makeLauncher(await spools.make(), { shell })
    const control = await launcher.open(1, { lease: 2 })
    await control.launch('while :; do echo busy; sleep 0.2; done')
    for (let beat = 0; beat < 8; beat += 1) {
      await control.ask('beat')
      await new Promise((resolve) => setTimeout(resolve, 500)) // how often a chaperone would renew it: time is what is tested
    }
    expect(await control.status()).toMatchObject({ kind: 'running' })
    expect(await recordOf(control)).toMatchObject({ status: 143, why: 'lease' })
  })

  test('a command that ends by itself leaves no timer behind, and no invented reason', async () => {
    const { record, launcher, control } = await run('exit 5', { timeout: 600, idleTimeout: 600, lease: 600 })
    expect(record).toMatchObject({ status: 5, why: 'exit' })
    await control.close()
    await untilNothingRuns(launcher)
    expect(existsSync(`${launcher.dir}/timers`)).toBe(false)
  })

  test('a timer that runs out when the command is dead already finds nobody', async () => {
    const launcher = makeLauncher(await spools.make(), { shell })
    const control = await launcher.open(1)
    await control.launch('sleep 600 & exit 6')
    expect(await recordOf(control)).toMatchObject({ status: 6, why: 'exit' })
    // The moment before the supervisor hears of the end, by hand: the name is still there to be taken.
    writeFileSync(`${launcher.dir}/timers`, '')
    expect(await launcher.watch({ timeout: 1 })).toBe(0)
    expect(existsSync(`${launcher.dir}/why.timeout`)).toBe(false)
    // What the command left in its group is none of the timer's business.
    expect((await control.ask('signal KILL')).verb).toBe('sent=1')
    await control.close()
  })

  test('one watcher for all timers, and none without', async () => {
    for (const [timers, count] of [
      [{}, 0],
      [{ timeout: 600, idleTimeout: 600, lease: 600 }, 1],
    ] as const) {
      const launcher = makeLauncher(await spools.make(), { shell })
      const control = await launcher.open(1, timers)
      await control.launch('exec sleep 600')
      await until(() => watchers(launcher) === count, { deadline: 5_000, what: `${count} watchers` })
      await control.ask('signal KILL')
      expect(await recordOf(control)).toMatchObject({ status: 137, why: 'exit' })
      await control.close()
      await untilNothingRuns(launcher)
    }
  })
})
