// A series over real ssh: its fires go on whatever happens to the link, the chaperone or the machine, each once, and what was missed is named.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Series } from '../../src/domain/spec.ts'
import { isGoing, parseRuns, type RunNote } from '../../src/spool/runs.ts'
import { readRuns } from '../../src/spool/runs-file.ts'
import { expectLawful } from '../rig/invariants.ts'
import { type Draft, localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { type Machine, startMachine } from '../rig/machine.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { until } from '../rig/until.ts'
import { crash, remoteOf, setScene } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

const EVERY: Series = { every: 200, count: null, initialDelay: 0, jitter: 0, overrun: 'skip' }

const notesOf = ({ paths }: TestJob): RunNote[] => parseRuns(readFileSync(paths.runs, 'latin1'))

const untilNoted = (job: TestJob, what: string, look: (notes: readonly RunNote[]) => boolean): Promise<boolean> =>
  until(() => look(notesOf(job)), { deadline: 30_000, what }).catch((error: Error) => {
    throw new Error(`${error.message}\n${readFileSync(job.paths.runs, 'utf8')}\n${job.log()}`)
  })

const untilRun = (job: TestJob, number: number): Promise<boolean> =>
  untilNoted(job, `run ${number} and its end`, (notes) =>
    notes.some((note) => note.kind === 'ended' && note.run >= number),
  )

/** Each run adds its number to a file, as it goes past the spool, and says it on its stdout. */
const script = (runs: string, more = ''): readonly [string, ...string[]] => [
  'sh',
  '-c',
  `echo $CHAP_RUN >>'${runs}'; echo "run $CHAP_RUN"; echo "err $CHAP_RUN" >&2${more}`,
]

const begin = async (job: TestJob): Promise<TestJob> => {
  await job.takeUp()
  await untilRun(job, 3)
  return job
}

const overSsh = (series: Partial<Series> = {}, change: Partial<Draft> = {}): TestJob => {
  const { sshd, spool } = scene
  const alert = { interval: 1, count: 2 }
  const draft = { series: { ...EVERY, ...series }, keepalive: alert, ...change }
  return makeJob(spool, sshDraft(sshd, spool, script(`${spool.root}/begun`), draft))
}

/** Each fire ran once, or is named as missed; every run's bytes are where its notes say. */
const expectTrue = (job: TestJob, begun: string): void => {
  const notes = notesOf(job)
  const numbers = notes.flatMap((note) => (note.kind === 'begun' ? [note.run] : []))
  const missed = notes.flatMap((note) => (note.kind === 'missed' ? [[note.from, note.to] as const] : []))
  const ended = notes.flatMap((note) =>
    note.kind === 'lost' || (note.kind === 'ended' && note.why === 'kill') ? [note.run] : [],
  )
  const ran = readFileSync(begun, 'utf8').trimEnd().split('\n').map(Number)
  // One that was lost, or killed, may have been so before it began.
  expect(ran).toEqual(numbers.filter((number) => ran.includes(number) || !ended.includes(number)))
  const { reached } = readRuns(job.paths.runs)
  const all = [
    ...numbers,
    ...missed.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at)),
  ]
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: reached }, (_, at) => at + 1))
  for (const stream of ['stdout', 'stderr'] as const) {
    const bytes = readFileSync(job.paths[stream], 'latin1')
    const word = stream === 'stdout' ? 'run' : 'err'
    for (const note of notes) {
      if (note.kind !== 'ended' || note.why === 'kill') continue
      const from = notes.find((one) => one.kind === 'begun' && one.run === note.run)
      const start = from?.kind === 'begun' ? from.at[stream] : Number.NaN
      expect(bytes.slice(start, note.at[stream])).toBe(`${word} ${note.run}\n`)
    }
  }
  expect(isGoing(readRuns(job.paths.runs))).toBe(false)
  expect(job.state().runs_size).toBe(readFileSync(job.paths.runs).length)
}

const good = { kind: 'exited', code: 0 } as const

test('it ends when its fires are over, with all notes here', async () => {
  const job = overSsh({ count: 5 })
  await job.takeUp()
  const state = await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: good })
  expect(state).toMatchObject({ ended_by: 'exit', status: 0 })
  expectTrue(job, `${scene.spool.root}/begun`)
  expect(readRuns(job.paths.runs)).toMatchObject({ runs: 5, failed: 0 })
})

test('on this machine, the launcher writes the notes where they are read', async () => {
  const { spool } = scene
  const job = makeJob(spool, localDraft(script(`${spool.root}/begun`), { cwd: '/', series: { ...EVERY, count: 5 } }))
  await job.takeUp()
  await job.untilLeft()
  expectLawful(job, spool, { outcome: good })
  expectTrue(job, `${spool.root}/begun`)
})

test('the link is cut in the middle: fires go on, and nothing is missed', async () => {
  const job = await begin(overSsh())
  scene.sshd.proxy.refuse()
  scene.sshd.proxy.reset()
  await job.untilState('reconnecting')
  const before = readRuns(job.paths.runs).reached
  await until(() => readRuns(`${remoteOf(job)}/runs`).reached > before + 5, {
    deadline: 30_000,
    what: 'fires without it',
  })
  await scene.sshd.proxy.accept()
  job.knock()
  await untilRun(job, before + 6)
  job.ask('stop', 'SIGTERM')
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: good })
  expectTrue(job, `${scene.spool.root}/begun`)
})

test('the chaperone dies: fires go on, and another takes them up', async () => {
  const job = await begin(overSsh())
  await crash(job)
  const before = readRuns(`${remoteOf(job)}/runs`).reached
  await until(() => readRuns(`${remoteOf(job)}/runs`).reached > before + 3, {
    deadline: 30_000,
    what: 'fires without it',
  })
  await job.takeUp()
  await untilRun(job, before + 4)
  job.ask('stop', 'SIGTERM')
  const state = await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: good })
  expect(state).toMatchObject({ ended_by: 'kill' })
  expect(state.signals.map(({ sent }) => sent !== null)).toEqual([true])
  expectTrue(job, `${scene.spool.root}/begun`)
})

test('a kill while the host is out of reach is carried out when it is not', async () => {
  const job = await begin(overSsh())
  scene.sshd.proxy.refuse()
  scene.sshd.proxy.reset()
  await job.untilState('reconnecting')
  job.ask('stop', 'SIGTERM')
  await until(() => job.state().intent.kind === 'stop', { deadline: 10_000, what: 'the intent on disk' })
  await scene.sshd.proxy.accept()
  job.knock()
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: good })
  expectTrue(job, `${scene.spool.root}/begun`)
})

test('a signal between runs is dropped, and the next run does not get it', async () => {
  const job = await begin(overSsh({ every: 1_000 }))
  job.ask('signal', 'SIGHUP')
  await until(() => job.state().signals.length === 0 && job.log().includes('signaled'), { deadline: 10_000 })
  const before = readRuns(job.paths.runs).reached
  await untilRun(job, before + 1)
  expect(readRuns(job.paths.runs).failed).toBe(0)
  job.ask('stop', 'SIGTERM')
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: good })
})

test('the supervisor is killed: the series goes on by itself', async () => {
  const job = await begin(overSsh())
  const [pid = 0, startTime = 0] = readFileSync(`${remoteOf(job)}/supervisor`, 'utf8')
    .split(' ')
    .map(Number)
  await killAll([{ pid, startTime }])
  const before = readRuns(`${remoteOf(job)}/runs`).reached
  await untilRun(job, before + 2)
  job.ask('stop', 'SIGTERM')
  await job.untilLeft()
  const { lost } = readRuns(job.paths.runs)
  expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: lost > 0 ? 125 : 0 } })
  expectTrue(job, `${scene.spool.root}/begun`)
})

describe('a machine that reboots', () => {
  const testReboot = testWith('linux', 'root', 'namespaces', 'ssh', 'sshd')
  let machine: Machine
  beforeAll(async () => {
    machine = await startMachine()
  })
  afterAll(() => machine.stop())

  testReboot(
    'in the middle of a run: it is lost, what was due meanwhile is missed, and the series goes on',
    async () => {
      const { spool } = scene
      const argv = script(`${spool.root}/begun`, '; [ $CHAP_RUN != 4 ] || exec sleep 600')
      const job = makeJob(spool, sshDraft(machine.sshd, spool, argv, { series: { ...EVERY, every: 500 } }))
      await begin(job)
      await untilNoted(job, 'run 4', (notes) => notes.some((note) => note.kind === 'begun' && note.run === 4))
      const fourth = readRuns(job.paths.runs).last?.due ?? Number.NaN
      await machine.powerOff()
      await job.untilState('reconnecting')
      await until(() => Date.now() / 1000 > fourth + 1.1, { deadline: 10_000, what: 'the time of fires 5 and 6' })
      await machine.powerOn()
      job.knock()
      await untilNoted(job, 'a run after it', (notes) => notes.at(-1)?.kind === 'ended' && notes.length > 8)
      job.ask('stop', 'SIGTERM')
      await job.untilLeft()
      expectLawful(job, spool, { outcome: { kind: 'exited', code: 125 } })
      expect(notesOf(job)).toContainEqual({ kind: 'lost', run: 4, why: 'rebooted' })
      const missed = notesOf(job).find((note) => note.kind === 'missed')
      expect(missed).toMatchObject({ from: 5, why: 'rebooted' })
      expect(missed?.kind === 'missed' ? missed.to : 0).toBeGreaterThanOrEqual(6)
      expectTrue(job, `${spool.root}/begun`)
    },
  )
})
