// The command of --on-exit at its edges: one that hangs, one that reads nothing, one that can't be started, a system that refuses.
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type OnExitTerms, startOnExit } from '../../../src/chaperone/on-exit.ts'
import type { OnExitEnd } from '../../../src/domain/job-events.ts'
import { readOnExit } from '../../../src/spool/on-exit.ts'
import { type Draft, localDraft, makeJob, type TestJob } from '../../rig/job.ts'
import { findByEnvironment } from '../../rig/processes.ts'
import { makeEndedJob } from '../../rig/records.ts'
import { cleanUp, makeSpool, type Spool } from '../../rig/spool.ts'
import { until } from '../../rig/until.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const makeWith = (onExit: string, change: Partial<Draft> = {}): TestJob =>
  makeJob(spool, localDraft(['true'], { onExit, ...change }))

const run = (job: TestJob, change: Partial<OnExitTerms> = {}) => {
  const told: OnExitEnd[] = []
  const notes: string[] = []
  const onExit = startOnExit({
    spec: job.spec,
    paths: job.paths,
    owner: 1,
    isOurs: () => true,
    env: spool.env,
    note: (text) => notes.push(text),
    telling: { tellOnExit: (end) => told.push(end) },
    ...change,
  })
  onExit.begin(makeEndedJob(0))
  return { onExit, told, notes }
}

test('one that hangs is killed at its limit, with all of its process group', async () => {
  const job = makeWith('echo begun; sleep 1000 & sleep 1000')
  const mark = { ...spool.env, MARK: spool.root }
  const { onExit, told } = run(job, { limit: 5_000, env: mark })
  await until(() => findByEnvironment('MARK', spool.root).filter(({ argv }) => argv[0] === 'sleep').length === 2, {
    deadline: 10_000,
    what: 'both of its processes',
  })
  await onExit.over()
  const end = { result: 'timed_out', exit_status: null, signal: 'SIGKILL', message: null }
  expect(told).toEqual([end])
  expect(readOnExit(job.paths)).toMatchObject({ ok: true, value: end })
  await until(() => findByEnvironment('MARK', spool.root).length === 0, { deadline: 10_000, what: 'their end' })
  expect(readFileSync(job.paths.onExitLog, 'utf8')).toBe('begun\n')
}, 20_000)

test('one that reads nothing of a document longer than a pipe holds ends as it ends', async () => {
  const job = makeWith('exec <&-; kill -USR1 $$', { labels: { long: 'x'.repeat(1_000_000) } })
  const { onExit, told } = run(job)
  await onExit.over()
  expect(told).toEqual([{ result: 'killed', exit_status: null, signal: 'SIGUSR1', message: null }])
})

test('one that can not be started is not tried again', async () => {
  const job = makeWith('true')
  const { onExit, told } = run(job, { env: { PATH: '/nowhere' } })
  await onExit.over()
  expect(told).toEqual([
    { result: 'failed', exit_status: null, signal: null, message: expect.stringContaining('ENOENT') },
  ])
  const again = run(job)
  await again.onExit.over()
  expect(again.told).toEqual(told)
})

test('nor one that node can not even pass on', async () => {
  const { onExit, told } = run(makeWith('true\0'))
  await onExit.over()
  expect(told).toEqual([
    { result: 'failed', exit_status: null, signal: null, message: expect.stringContaining('null bytes') },
  ])
})

test('what the system refuses before the claim is tried again, and the command is run once', async () => {
  const job = makeWith('echo run')
  mkdirSync(job.paths.onExitLog)
  const { onExit, told, notes } = run(job)
  await until(() => notes.length > 0, { deadline: 10_000, what: 'a try' })
  expect(readOnExit(job.paths)).toMatchObject({ ok: false, fault: { code: 'missing' } })
  rmdirSync(job.paths.onExitLog)
  await onExit.over()
  expect(told).toEqual([{ result: 'exited', exit_status: 0, signal: null, message: null }])
  expect(readFileSync(job.paths.onExitLog, 'utf8')).toBe('run\n')
}, 20_000)

test('what ends when another job has its place leaves nothing there', async () => {
  const job = makeWith('echo run')
  let isOurs = true
  const { onExit, told } = run(job, {
    isOurs: () => isOurs,
    note: () => {
      isOurs = false
    },
  })
  await onExit.over()
  expect(readFileSync(job.paths.onExitLog, 'utf8')).toBe('run\n')
  expect(told).toEqual([])
  expect(readOnExit(job.paths)).toMatchObject({ ok: false, fault: { code: 'missing' } })
})
