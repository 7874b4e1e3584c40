/** Following ends exactly at the end: no tail is lost, nothing is shown twice, and what is missing is said. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { newJob } from '../../../src/domain/job.ts'
import { writeRecord } from '../../../src/spool/atomic.ts'
import { type JobPaths, pathsIn } from '../../../src/spool/layout.ts'
import { recordOfSpec } from '../../../src/spool/spec.ts'
import { formatState } from '../../../src/spool/state.ts'
import { followJob } from '../../../src/watcher/follow.ts'
import { findLastLines } from '../../../src/watcher/last-lines.ts'
import { makeEndedJob, makeSpec } from '../../rig/records.ts'
import { until } from '../../rig/until.ts'

const root = mkdtempSync(join(tmpdir(), 'chap-t-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let count = 0
const around = { id: 'k3f9', host: null, chaperonePid: null, now: '2026-01-01T00:00:00.000Z' }
const zero = { stdout: 0, stderr: 0 }

/** A job whose chaperone is said to be on its way, so that nobody starts one. */
const makeJob = (): JobPaths => {
  count += 1
  const paths = pathsIn(join(root, String(count)))
  mkdirSync(paths.dir)
  for (const path of [paths.stdout, paths.stderr, paths.timeline]) writeFileSync(path, '')
  const created = { time: new Date().toISOString(), host: 'here', user: 'me' }
  writeFileSync(paths.spec, JSON.stringify(recordOfSpec(makeSpec({ created }))))
  writeFileSync(paths.state, formatState({ ...newJob, phase: 'running' }, around))
  return paths
}

const end = (paths: JobPaths, sizes: { stdout: number; stderr: number }): void =>
  writeRecord(paths.state, formatState(makeEndedJob(0, sizes), around), null)

const gather = () => {
  const chunks: Buffer[] = []
  return {
    text: () => Buffer.concat(chunks).toString(),
    write: (bytes: Uint8Array) => {
      chunks.push(Buffer.from(bytes))
      return Promise.resolve(true)
    },
  }
}

test('no tail is lost in 2,000 trials with appends a few milliseconds before the end', async () => {
  const trial = async (turn: number): Promise<string> => {
    const paths = makeJob()
    const [stdout, stderr] = [gather(), gather()]
    const following = followJob(paths, { sinks: { stdout, stderr }, from: zero })
    appendFileSync(paths.stdout, 'one ')
    await pause(turn % 7)
    appendFileSync(paths.stderr, 'err')
    appendFileSync(paths.stdout, 'last')
    if (turn % 3 > 0) await pause(turn % 3)
    end(paths, { stdout: 8, stderr: 3 })
    const { kind } = await following
    rmSync(paths.dir, { recursive: true })
    return `${kind} ${stdout.text()} ${stderr.text()}`
  }
  for (let turn = 0; turn < 2_000; turn += 20) {
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => trial(turn + index)))
    expect(new Set(results)).toEqual(new Set(['ended one last err']))
  }
}, 120_000)

test('the end may be announced before the bytes are seen', async () => {
  const paths = makeJob()
  const stdout = gather()
  const following = followJob(paths, { sinks: { stdout, stderr: null }, from: zero })
  end(paths, { stdout: 4, stderr: 0 })
  await pause(20)
  appendFileSync(paths.stdout, 'late')
  expect((await following).kind).toBe('ended')
  expect(stdout.text()).toBe('late')
})

test('bytes that never come are counted', async () => {
  const paths = makeJob()
  writeFileSync(paths.stdout, 'abc')
  end(paths, { stdout: 10, stderr: 0 })
  const followed = await followJob(paths, { sinks: { stdout: gather(), stderr: gather() }, from: zero })
  expect(followed).toMatchObject({ kind: 'short', stream: 'stdout', missing: 7 })
})

test('what lies beyond the recorded size is not shown, nor what lies before the offset', async () => {
  const paths = makeJob()
  writeFileSync(paths.stdout, '0123456789')
  end(paths, { stdout: 8, stderr: 0 })
  const stdout = gather()
  await followJob(paths, { sinks: { stdout, stderr: null }, from: { stdout: 3, stderr: 0 } })
  expect(stdout.text()).toBe('34567')
})

test('a reader that stalls does not hold up a detach; one that leaves ends it', async () => {
  const paths = makeJob()
  writeFileSync(paths.stdout, 'abc')
  const interrupt = new AbortController()
  const stalled = { write: () => new Promise<boolean>(() => undefined) }
  const following = followJob(paths, { sinks: { stdout: stalled, stderr: null }, from: zero, signal: interrupt.signal })
  interrupt.abort()
  expect((await following).kind).toBe('detached')
  const left = { write: () => Promise.resolve(false) }
  expect((await followJob(paths, { sinks: { stdout: left, stderr: null }, from: zero })).kind).toBe('unread')
})

test('who has detached is told of nothing more, and no closed file is read', async () => {
  const paths = makeJob()
  const phases: string[] = []
  const interrupt = new AbortController()
  const following = followJob(paths, {
    sinks: { stdout: gather(), stderr: null },
    from: zero,
    signal: interrupt.signal,
    onState: ({ job }) => void phases.push(job.phase),
  })
  await until(() => phases.length === 1, { deadline: 5_000, what: 'the first state' })
  interrupt.abort()
  // It wakes up once more, as its watch is closed: by then there is something new.
  appendFileSync(paths.stdout, 'late')
  end(paths, { stdout: 4, stderr: 0 })
  expect((await following).kind).toBe('detached')
  await setImmediate()
  expect(phases).toEqual(['running'])
})

test('a job that is removed under it is gone', async () => {
  const paths = makeJob()
  const following = followJob(paths, { sinks: { stdout: gather(), stderr: null }, from: zero })
  rmSync(paths.dir, { recursive: true })
  expect((await following).kind).toBe('gone')
  expect((await followJob(paths, { sinks: { stdout: null, stderr: null }, from: zero })).kind).toBe('gone')
})

test('the last lines are found from the end', () => {
  const path = join(root, 'lines')
  writeFileSync(path, `${'x'.repeat(70_000)}\ntwo\nthree`)
  expect(findLastLines(path, 0)).toBe(70_010)
  expect(findLastLines(path, 1)).toBe(70_005)
  expect(findLastLines(path, 2)).toBe(70_001)
  expect(findLastLines(path, 3)).toBe(0)
  appendFileSync(path, '\n')
  expect(findLastLines(path, 1)).toBe(70_005)
  truncateSync(path)
  expect(findLastLines(path, 5)).toBe(0)
})
