// A series: the launcher runs the command at each fire, notes each run, and neither drifts nor runs a fire twice.
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect } from 'vitest'
import type { ExitRecord } from '../../src/domain/report.ts'
import type { Series } from '../../src/domain/spec.ts'
import { isGoing, parseRuns, type RunNote, type RunsSummary } from '../../src/spool/runs.ts'
import { readRuns } from '../../src/spool/runs-file.ts'
import type { Hello } from '../../src/transport/protocol.ts'
import { launcherShells, makeLauncher, type TestControl, type TestLauncher, untilNothingRuns } from '../rig/launcher.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { makeSpools } from '../rig/spool.ts'
import { until, untilSeen } from '../rig/until.ts'

// They wait for time to pass, most of all: so side by side.
const spools = makeSpools()
afterAll(spools.cleanUp)

const series = (change: Partial<Series>): Series => ({
  every: 200,
  count: null,
  initialDelay: 0,
  jitter: 0,
  overrun: 'skip',
  ...change,
})

const notesOf = ({ dir }: TestLauncher): RunNote[] => parseRuns(readFileSync(`${dir}/runs`, 'utf8'))
const sumOf = ({ dir }: TestLauncher): RunsSummary => readRuns(`${dir}/runs`)
const begun = (launcher: TestLauncher) => notesOf(launcher).filter((note) => note.kind === 'begun')
const ended = (launcher: TestLauncher) => notesOf(launcher).filter((note) => note.kind === 'ended')

const recordOf = async (control: TestControl): Promise<ExitRecord> => {
  const over = await control.untilOver()
  if (over.kind !== 'ended') throw new Error(`expected an end: ${JSON.stringify(over)}`)
  return over.record
}

const untilRuns = (launcher: TestLauncher, count: number): Promise<RunsSummary> =>
  untilSeen(
    () => sumOf(launcher),
    ({ runs }) => runs >= count,
    { deadline: 20_000, what: `${count} runs` },
  )

/** Each of the fires is accounted for, once. */
const expectOnce = (launcher: TestLauncher, count: number): void => {
  const fates = notesOf(launcher).flatMap((note) => {
    if (note.kind === 'begun') return [note.run]
    return note.kind === 'missed' ? Array.from({ length: note.to - note.from + 1 }, (_, at) => note.from + at) : []
  })
  expect(fates).toEqual(Array.from({ length: count }, (_, at) => at + 1))
}

/** The bytes that a run wrote, by the offsets of its notes. */
const outputOf = (launcher: TestLauncher, run: number): string => {
  const from = begun(launcher).find((note) => note.run === run)?.at.stdout ?? Number.NaN
  const to = ended(launcher).find((note) => note.run === run)?.at.stdout ?? Number.NaN
  return readFileSync(`${launcher.dir}/stdout`, 'utf8').slice(from, to)
}

describe.concurrent.each(launcherShells)('%s', (shell) => {
  const test = testWith('linux', shell)
  // BusyBox's date knows no others.
  const wholeSeconds = Number(shell === 'busybox')

  const start = async (
    script: string,
    change: Partial<Series>,
    timers: Partial<Hello> = {},
  ): Promise<{ launcher: TestLauncher; control: TestControl }> => {
    const launcher = makeLauncher(await spools.make(), { shell })
    const control = await launcher.open(1, { series: series(change), ...timers })
    expect(await control.launch(script)).toMatchObject({ kind: 'running', begun: { pid: null } })
    return { launcher, control }
  }

  /** A later link of the same series. */
  const reopen = (launcher: TestLauncher, change: Partial<Series>): Promise<TestControl> =>
    launcher.open(2, { series: series(change) })

  test('fires do not drift, and each run has its number, its bytes and its status', async () => {
    const { launcher, control } = await start('echo "run $CHAP_RUN"; echo e >&2; exit $((CHAP_RUN == 3))', {
      count: 10,
      every: 500,
    })
    const record = await recordOf(control)
    expect(record).toMatchObject({ status: 1, why: 'exit', sizes: { stdout: 61, stderr: 20 } })
    expect(record.sizes?.runs).toBe(readFileSync(`${launcher.dir}/runs`).length)
    expectOnce(launcher, 10)
    expect(sumOf(launcher)).toMatchObject({ runs: 10, failed: 1, missed: 0, lost: 0 })
    for (let run = 1; run <= 10; run += 1) expect(outputOf(launcher, run)).toBe(`run ${run}\n`)
    const times = begun(launcher)
    const spans = times.map(({ due }) => Math.round((due - (times[0]?.due ?? 0)) * 100))
    expect(spans).toEqual(times.map((_, at) => at * 50))
    // A loaded machine may be late for one of them: what counts is that it does not add up.
    const late = times.map((note) => note.start - note.due).sort((a, b) => a - b)
    expect(late[0]).toBeLessThan(0.1 + wholeSeconds)
    await control.close()
    await untilNothingRuns(launcher)
  })

  for (const overrun of ['skip', 'now'] as const)
    test(`overrun ${overrun}: of what falls due in a run none, or the newest, is run; the fires behind are in time`, async () => {
      const { launcher, control } = await start('[ $CHAP_RUN != 1 ] || sleep 0.5', { count: 12, overrun })
      expect(await recordOf(control)).toMatchObject({ status: 0 })
      expectOnce(launcher, 12)
      const [first, second] = begun(launcher)
      const over = ended(launcher)[0]?.end ?? Number.NaN
      const next = second?.run ?? 0
      expect(next).toBeGreaterThan(2)
      expect(notesOf(launcher)).toContainEqual({ kind: 'missed', from: 2, to: next - 1, why: 'overrun' })
      // By a clock of hundredths. On a loaded machine the end is looked at some time after it.
      const { due, start: begins } = second ?? { due: Number.NaN, start: Number.NaN }
      expect(over - due).toBeLessThan((overrun === 'now' ? 0.22 : 0.02) + wholeSeconds)
      expect(due - begins).toBeLessThan(0.02 + wholeSeconds)
      for (const note of begun(launcher)) expect(note.due).toBeCloseTo((first?.due ?? 0) + (note.run - 1) * 0.2, 5)
      await control.close()
    })

  test('initial delay and jitter: the schedule is later, each fire by its own, and does not move', async () => {
    const { launcher, control } = await start('true', { count: 6, initialDelay: 300, jitter: 100 })
    const asked = Date.now() / 1000
    await recordOf(control)
    const [first] = begun(launcher)
    expect((first?.due ?? 0) - asked).toBeGreaterThan(0.1 - wholeSeconds)
    const origin = Number(readFileSync(`${launcher.dir}/schedule`, 'utf8').split(' ')[0])
    const offsets = begun(launcher).map(({ run, due }) => Math.round((due - origin) * 100) - (run - 1) * 20)
    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...offsets)).toBeLessThan(10)
    expect(new Set(offsets).size).toBeGreaterThan(1)
    await control.close()
  })

  test('a stop in a run ends it and the series; what it ended is no failure', async () => {
    const { launcher, control } = await start('[ $CHAP_RUN = 1 ] || exec sleep 600', {})
    await untilRuns(launcher, 2)
    await until(() => existsSync(`${launcher.dir}/pid`), { deadline: 5_000, what: 'the run' })
    expect((await control.ask('signal TERM stop')).verb).toBe('sent=1')
    expect(await recordOf(control)).toMatchObject({ status: 0, why: 'kill' })
    // Not the second fire where the first run was slow.
    expect(ended(launcher).at(-1)).toMatchObject({ run: begun(launcher).at(-1)?.run, status: 143, why: 'kill' })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a stop between runs is done at once', async () => {
    const { launcher, control } = await start('true', { every: 3_600_000 })
    await until(() => ended(launcher).length === 1 && !existsSync(`${launcher.dir}/pid`), { deadline: 5_000 })
    const before = performance.now()
    expect((await control.ask('signal TERM stop')).verb).toBe('sent=1')
    expect(await recordOf(control)).toMatchObject({ status: 0, why: 'kill' })
    expect(performance.now() - before).toBeLessThan(3_000)
    expect(sumOf(launcher)).toMatchObject({ runs: 1, missed: 0 })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('any other signal is for the current run, or nobody', async () => {
    const { launcher, control } = await start('exec sleep 600', { every: 3_600_000 })
    await until(() => existsSync(`${launcher.dir}/pid`), { deadline: 5_000, what: 'the run' })
    expect((await control.ask('signal HUP')).verb).toBe('sent=1')
    await until(() => ended(launcher).length === 1 && !existsSync(`${launcher.dir}/pid`), { deadline: 5_000 })
    expect((await control.ask('signal HUP')).verb).toBe('sent=0')
    expect(await control.status()).toMatchObject({ kind: 'running' })
    expect(ended(launcher).map(({ status, why }) => [status, why])).toEqual([[129, 'exit']])
    await control.ask('signal TERM stop')
    expect(await recordOf(control)).toMatchObject({ status: 129, why: 'kill' })
    await control.close()
  })

  test('a timeout is that of each run, and the series goes on', async () => {
    const { launcher, control } = await start(
      '[ $CHAP_RUN != 1 ] || exec sleep 600',
      { every: 1_500, count: 2, overrun: 'now' },
      { timeout: 1 },
    )
    expect(await recordOf(control)).toMatchObject({ status: 143, why: 'exit' })
    expect(ended(launcher).map(({ status, why }) => [status, why])).toEqual([
      [143, 'timeout'],
      [0, 'exit'],
    ])
    await control.close()
    await untilNothingRuns(launcher)
  })

  // One shell is enough: the watching itself is that of a single job.
  const testOnce = shell === 'dash' ? test : () => undefined
  testOnce('silence is counted in each run, not between two, and ends that run alone', async () => {
    // Between the runs nothing is written for longer than a run may be silent.
    const { launcher, control } = await start(
      'echo up; [ $CHAP_RUN != 1 ] || exec sleep 600',
      { every: 4_500, count: 2, overrun: 'now' },
      { idleTimeout: 1 },
    )
    expect(await recordOf(control)).toMatchObject({ why: 'exit' })
    expect(ended(launcher).map(({ status, why }) => [status, why])).toEqual([
      [143, 'idle'],
      [0, 'exit'],
    ])
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a lease spans runs that are shorter than it', async () => {
    const { launcher, control } = await start('true', { every: 300 }, { lease: 2 })
    for (let beat = 0; beat < 6; beat += 1) {
      await control.ask('beat')
      await new Promise((resolve) => setTimeout(resolve, 500)) // how often a chaperone would renew it: time is what is tested
    }
    expect(await control.status()).toMatchObject({ kind: 'running' })
    expect(await recordOf(control)).toMatchObject({ status: 0, why: 'lease' })
    expect(sumOf(launcher).runs).toBeGreaterThan(8)
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('the supervisor is killed in a run: that one is lost, and the series goes on', async () => {
    const script = 'echo $CHAP_RUN; [ $CHAP_RUN != 2 ] || exec sleep 600'
    // Slowly enough for no fire to fall due in a run.
    const { launcher, control } = await start(script, { count: 40, every: 1_000 })
    await untilRuns(launcher, 2)
    const run = await until(() => launcher.noted('pid'), { deadline: 5_000, what: 'the run' })
    await killAll([launcher.noted('supervisor')].filter((one) => one !== undefined))
    expect(await control.status()).toMatchObject({ kind: 'running' })
    await killAll([run])
    expect(await control.untilOver()).toMatchObject({ kind: 'lost', why: 'supervisor_died' })
    expect((await control.ask('continue 2 0 0 0')).verb).toBe('running')
    await untilRuns(launcher, 4)
    expect(notesOf(launcher)).toContainEqual({ kind: 'lost', run: 2, why: 'supervisor_died' })
    await control.ask('signal TERM stop')
    await until(() => existsSync(`${launcher.dir}/exit`), { deadline: 5_000, what: 'the record' })
    expect(await control.status()).toMatchObject({ kind: 'ended', record: { status: 125, why: 'kill' } })
    expectOnce(launcher, sumOf(launcher).reached)
    // The kill may have met the last one before it began.
    for (const { run: number, why } of ended(launcher))
      expect(outputOf(launcher, number)).toMatch(why === 'kill' ? new RegExp(`^(${number}\n)?$`) : `${number}\n`)
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('the supervisor is killed between runs: no run is lost, and asking twice does no harm', async () => {
    const { launcher, control } = await start('echo $CHAP_RUN', { every: 1_000 })
    await until(() => ended(launcher).length === 1 && !existsSync(`${launcher.dir}/pid`), { deadline: 5_000 })
    await killAll([launcher.noted('supervisor')].filter((one) => one !== undefined))
    await control.untilOver()
    expect((await control.ask('continue 1 0 0 0')).verb).toBe('running')
    expect((await control.ask('continue 1 0 0 0')).verb).toBe('running')
    await untilRuns(launcher, 2)
    await control.ask('signal TERM stop')
    await until(() => existsSync(`${launcher.dir}/exit`), { deadline: 5_000, what: 'the record' })
    expect(sumOf(launcher)).toMatchObject({ lost: 0 })
    expectOnce(launcher, sumOf(launcher).reached)
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('the timers of a run whose supervisor was killed are not those of a later run', async () => {
    const script = 'case $CHAP_RUN in 1) ;; 2) exec sleep 600;; *) exec sleep 1.7;; esac'
    const { launcher, control } = await start(script, { every: 500 }, { timeout: 2 })
    await untilRuns(launcher, 2)
    const run = await until(() => launcher.noted('pid'), { deadline: 5_000, what: 'the run' })
    await killAll([launcher.noted('supervisor')].filter((one) => one !== undefined))
    await killAll([run])
    await control.untilOver()
    await control.ask('continue 2 0 0 0')
    await until(() => ended(launcher).length === 2, { deadline: 10_000, what: 'a later run and its end' })
    expect(ended(launcher).at(-1)).toMatchObject({ status: 0, why: 'exit' })
    await control.ask('signal KILL stop')
    await until(() => existsSync(`${launcher.dir}/exit`), { deadline: 5_000, what: 'the record' })
    await control.close()
    await untilNothingRuns(launcher)
  })

  test('a reboot: what was due meanwhile is missed; what a power cut took keeps its place, and is not run again', async () => {
    const { launcher, control } = await start('echo $CHAP_RUN', { count: 400 })
    await untilRuns(launcher, 4)
    await killAll([launcher.noted('supervisor')].filter((one) => one !== undefined))
    await control.close()
    await untilNothingRuns(launcher)
    const have = { stdout: readFileSync(`${launcher.dir}/stdout`).length, runs: readFileSync(`${launcher.dir}/runs`) }
    const known = readRuns(`${launcher.dir}/runs`)
    truncateSync(`${launcher.dir}/runs`, 70)
    truncateSync(`${launcher.dir}/stdout`, 2)
    const note = readFileSync(`${launcher.dir}/supervisor`, 'utf8')
    writeFileSync(`${launcher.dir}/supervisor`, note.replace(/\S+\n$/, '00000000-0000-0000-0000-000000000000\n'))
    const later = await reopen(launcher, { count: 400 })
    expect(later.greeting.report).toMatchObject({ kind: 'lost', why: 'rebooted' })
    const sizes = `${have.stdout} 0 ${have.runs.length}`
    expect((await later.ask(`continue ${known.reached} ${sizes}`)).verb).toBe('running')
    const added = (): RunNote[] => parseRuns(readFileSync(`${launcher.dir}/runs`, 'latin1').slice(have.runs.length))
    await until(() => added().some(({ kind }) => kind === 'ended'), { deadline: 10_000, what: 'a run' })
    const next = added().find((one) => one.kind === 'begun')
    expect(next).toMatchObject({ at: { stdout: have.stdout } })
    const first = Number(readFileSync(`${launcher.dir}/schedule`, 'utf8').split(' ')[0])
    const run = next?.kind === 'begun' ? next.run : 0
    expect(run).toBeGreaterThan(known.reached)
    expect(Math.abs((next?.kind === 'begun' ? next.due : 0) - first - (run - 1) * 0.2)).toBeLessThan(
      0.05 + wholeSeconds,
    )
    await later.ask('signal TERM stop')
    await until(() => existsSync(`${launcher.dir}/exit`), { deadline: 5_000, what: 'the record' })
    const unknown = { stdout: null, stderr: null }
    expect(await later.status()).toMatchObject({ kind: 'ended', record: { checksums: unknown } })
    // As it lies in the spool: what was fetched before, and what came after.
    writeFileSync(
      `${launcher.root}/fetched`,
      Buffer.concat([have.runs, readFileSync(`${launcher.dir}/runs`).subarray(have.runs.length)]),
    )
    const all = readRuns(`${launcher.root}/fetched`)
    expect(all.runs + all.missed).toBe(all.reached)
    expect(isGoing(all)).toBe(false)
    await later.close()
    await untilNothingRuns(launcher)
  })

  test('offsets are those of chatty runs, also where one leaves a process behind that still writes', async () => {
    const chatty = 'i=0; while [ $i -lt 2000 ]; do echo "$CHAP_RUN line $i"; i=$((i + 1)); done'
    const { launcher, control } = await start(
      `${chatty}; [ $CHAP_RUN != 2 ] || { while echo "behind"; do sleep 0.05; done & }`,
      { count: 4, every: 3_000, overrun: 'now' },
    )
    await recordOf(control)
    for (const run of [1, 3, 4]) {
      const lines = outputOf(launcher, run).trimEnd().split('\n')
      expect(lines).toEqual(Array.from({ length: 2_000 }, (_, at) => `${run} line ${at}`))
    }
    expect(ended(launcher).map(({ late }) => late)).toEqual([false, true, false, false])
    await control.ask('signal KILL')
    await control.close()
    await untilNothingRuns(launcher)
  })
})
