// What is found under an id that is asked for again: whether an ended job still needs a chaperone, and whether that needs a password.
import { rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Callback } from '../../../src/domain/spec.ts'
import { writeOnExit } from '../../../src/spool/on-exit.ts'
import { formatState } from '../../../src/spool/state.ts'
import { findPresent } from '../../../src/watcher/start-once.ts'
import { type Draft, localDraft, makeJob, type TestJob } from '../../rig/job.ts'
import { makeEndedJob } from '../../rig/records.ts'
import { cleanUp, makeSpool, type Spool } from '../../rig/spool.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const asked = { program: 'x' }
const callback: Callback = {
  ...{ url: 'http://localhost/', method: 'POST', ca: null, retryFrequency: 1, timeout: 60 },
  ...{ outputBuffer: 1, outputLatency: 1 },
}
const makeEnded = (change: Partial<Draft>, isCollected = true): TestJob => {
  const job = makeJob(spool, localDraft(['true'], { asked, ...change }))
  const ended = makeEndedJob(0)
  const state = isCollected ? ended : { ...ended, collected: false, link: { ...ended.link, status: 'down' as const } }
  const around = { id: job.spec.id, host: null, chaperonePid: 1, now: new Date().toISOString() }
  writeFileSync(job.paths.state, formatState(state, around))
  return job
}
const find = ({ paths }: TestJob) => findPresent(spool.dir, basename(paths.dir), asked)

test('an ended job is settled, unless its callback or the command of --on-exit is left', () => {
  expect(find(makeEnded({}))).toMatchObject({ hasEnded: true, isSettled: true })
  expect(find(makeEnded({ callback }))).toMatchObject({ hasEnded: true, isSettled: false, lastPid: null })
  const onExit = makeEnded({ onExit: 'true' })
  expect(find(onExit)).toMatchObject({ hasEnded: true, isSettled: false, lastPid: null })
  const end = { result: 'exited' as const, exit_status: 0, signal: null, message: null }
  writeOnExit(onExit.paths, { ...end, start_time: null, end_time: null })
  expect(find(onExit)).toMatchObject({ isSettled: true })
})

test('nobody is asked for a password to hear how a job ended', () => {
  const secret = { kind: 'prompt' } as const
  expect(find(makeEnded({ callback, secret }))).toMatchObject({ isSettled: false })
  expect(find(makeEnded({ callback, secret }, false))).toMatchObject({ isSettled: true })
  expect(find(makeEnded({ callback }, false))).toMatchObject({ isSettled: false })
})

test('one that never got its state is not settled', () => {
  const job = makeEnded({ callback })
  rmSync(job.paths.state)
  expect(find(job)).toMatchObject({ hasEnded: false, isSettled: false })
})
