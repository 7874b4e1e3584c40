// A command that writes more than it may is ended, with a reason of its own: counted over both streams, and over all runs of a series.
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect } from 'vitest'
import { parseRuns } from '../../src/spool/runs.ts'
import type { Hello } from '../../src/transport/protocol.ts'
import { launcherShells, makeLauncher, type TestControl, type TestLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { testWith } from '../rig/requires.ts'
import { makeSpools } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

// They wait for time to pass, most of all: so side by side.
const spools = makeSpools()
afterAll(spools.cleanUp)

/** Nine bytes of it on either stream, and then nothing. */
const NINE = 'printf 123456789; printf 123456789 >&2; exec sleep 600'
const SERIES = { every: 300, count: 100, initialDelay: 0, jitter: 0, overrun: 'skip' } as const

describe.concurrent.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)

  const run = async (
    script: string,
    change: Partial<Hello>,
  ): Promise<{ readonly launcher: TestLauncher; readonly control: TestControl }> => {
    const launcher = makeLauncher(await spools.make(), { shell })
    const control = await launcher.open(1, change)
    await control.launch(script)
    return { launcher, control }
  }

  test('both streams together count, and the record has all that was written', async () => {
    const { launcher, control } = await run(NINE, { maxOutput: 17 })
    expect(await control.untilOver()).toMatchObject({
      record: { status: 143, why: 'max_output', late: false, sizes: { stdout: 9, stderr: 9 } },
    })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('as much as it may is not too much, also beside another timer', async () => {
    const { control } = await run(NINE, { maxOutput: 18, timeout: 3 })
    expect(await control.untilOver()).toMatchObject({ record: { status: 143, why: 'timeout' } })
    await control.close()
  })

  test('while nobody is connected, and more than 32 bits count', async () => {
    // A file with a hole: its length is what counts. Short again at the end, for the sake of its checksum.
    const script =
      'trap ": >$OUT; exit" TERM; dd if=/dev/null of=$OUT bs=1 seek=5000000000; while :; do sleep 0.1; done'
    const launcher = makeLauncher(await spools.make(), { shell })
    const first = await launcher.open(1, { maxOutput: 4_999_999_999 })
    await first.launch(script.replaceAll('$OUT', `${launcher.dir}/stdout`))
    await first.close()
    await until(() => existsSync(`${launcher.dir}/exit`), { deadline: 20_000, what: 'the record' })
    expect(readFileSync(`${launcher.dir}/exit`, 'utf8')).toContain(' why=max_output ')
    const next = await launcher.open(2)
    await next.ask('discard')
    await untilNothingRuns(launcher)
  })

  test('runs of a series that are each too short to be looked at come to too much all the same', async () => {
    const { launcher, control } = await run('printf 1234567890', { maxOutput: 25, series: SERIES })
    expect(await control.untilOver()).toMatchObject({ record: { status: 0, why: 'max_output', sizes: { stdout: 30 } } })
    const notes = parseRuns(readFileSync(`${launcher.dir}/runs`, 'utf8'))
    expect(notes.filter(({ kind }) => kind === 'ended')).toMatchObject([
      { why: 'exit' },
      { why: 'exit' },
      { why: 'exit' },
    ])
    await control.close()
  })

  test('the run of a series that writes too much is its last', async () => {
    const { launcher, control } = await run(NINE, { maxOutput: 17, series: SERIES })
    expect(await control.untilOver()).toMatchObject({ record: { status: 143, why: 'max_output' } })
    const notes = parseRuns(readFileSync(`${launcher.dir}/runs`, 'utf8')).filter(({ kind }) => kind === 'ended')
    expect(notes).toMatchObject([{ run: 1, status: 143, why: 'max_output' }])
    await control.close()
  })
})
