// Giving up: only what has not begun, only when the time was really spent, and never as `refused` when it may have begun.
import { describe, expect, test } from 'vitest'
import type { Effect, Event } from '../../../src/domain/events.ts'
import { exitStatusOfJob, type Job, newJob, outcomeOf } from '../../../src/domain/job.ts'
import type { Report } from '../../../src/domain/report.ts'
import { step } from '../../../src/domain/step.ts'
import { makeSpec } from '../../rig/records.ts'

const NOW = '2026-01-01T00:00:00.000Z'
const begun = { pid: 7, session: 'setsid', bootId: 'b' }
const running: Report = { kind: 'running', begun }
const by = { user: 'u', host: 'h', pid: 1 }

interface Played {
  readonly job: Job
  readonly effects: readonly Effect[]
}

const play = (events: readonly Event[], giveUpAfter: number | null, from: Job = newJob): Played => {
  const spec = makeSpec({
    limits: { giveUpAfter, timeout: null, idleTimeout: null, maxOutput: null, onMaxOutput: 'keep', grace: 10 },
  })
  let played: Played = { job: from, effects: [] }
  for (const event of events) played = step(played.job, event, { spec, now: NOW, random: 0.5 })
  return played
}

const taken: Event = { type: 'taken' }
const due: Event = { type: 'due', timer: 'trying' }
const absent: Report = { kind: 'absent', fresh: true }
/** A link stands, and the directory is prepared: the launch may have been asked for. */
const prepared: readonly Event[] = [
  { type: 'connected', report: absent },
  { type: 'reported', report: absent },
]
const begins: Event = { type: 'reported', report: running }
const refusal: Event = { type: 'failed', fault: { code: 'refused', evidence: 'Connection refused' } }
const lost: Event = { type: 'lost', fault: { code: 'lost', evidence: 'it broke' } }
const drained: Event = { type: 'drained', sizes: { stdout: 0, stderr: 0 } }
const stop: Event = {
  type: 'asked',
  request: { id: 'r', time: NOW, by, kind: 'stop', signal: 'SIGTERM', grace: 10 },
}

const timer = ({ effects }: Played): Effect | undefined =>
  effects.find((one) => one.type === 'after' && one.timer === 'trying')

test('without a limit nothing is counted', () => {
  expect(timer(play([taken], null))).toBeUndefined()
  expect(play([taken, due], null).effects).toEqual([])
})

test('the time is counted in pieces, and what was counted is on disk', () => {
  expect(timer(play([taken], 25))).toMatchObject({ ms: 10_000 })
  const once = play([taken, refusal, due], 25)
  expect(once.job.link.tried).toBe(10)
  expect(once.effects[0]).toEqual({ type: 'save' })
  expect(timer(play([taken, refusal, due, due], 25))).toMatchObject({ ms: 5_000 })
  // Another chaperone goes on counting.
  expect(timer(play([taken], 25, { ...newJob, link: { ...newJob.link, tried: 20 } }))).toMatchObject({ ms: 5_000 })
})

test('what was certainly never launched is refused, with why it could not be reached', () => {
  const { job, effects } = play([taken, refusal, due], 10)
  expect(effects[0]).toEqual({ type: 'disconnect' })
  const ended = play([drained], 10, job).job
  expect(outcomeOf(ended)).toEqual({ kind: 'refused', reason: 'gave_up', evidence: 'Connection refused' })
  expect(ended).toMatchObject({ phase: 'ended', collected: true, link: { status: 'closed' } })
  expect(exitStatusOfJob(ended)).toBe(124)
})

test('a try that is under way is ended, and what may be left of it is not the outcome', () => {
  const { job, effects } = play([taken, due], 10)
  expect(effects[0]).toEqual({ type: 'disconnect' })
  expect(outcomeOf(play([drained], 10, job).job)).toMatchObject({ kind: 'refused', reason: 'gave_up' })
})

test('what may have been launched is unknown, and left alone', () => {
  const { job } = play([taken, ...prepared, lost, due], 10)
  const ended = play([drained], 10, job)
  expect(outcomeOf(ended.job)).toEqual({ kind: 'unknown', reason: 'gave_up', evidence: 'it broke' })
  expect(ended.effects.map(({ type }) => type)).toEqual(['disconnect', 'save', 'leave'])
  expect(ended.job).toMatchObject({ collected: false, link: { status: 'closed' } })
  expect(exitStatusOfJob(ended.job)).toBe(124)
})

describe('nothing is given up', () => {
  test('while a link stands: the launcher is about to say what became of the launch', () => {
    const waiting = play([taken, ...prepared, due], 10)
    expect(waiting.job).toMatchObject({ phase: 'launching', ending: null })
    expect(timer(waiting)).toMatchObject({ ms: 1_000 })
    expect(play([lost, due], 10, waiting.job).job.ending?.outcome).toMatchObject({ kind: 'unknown', reason: 'gave_up' })
  })

  test('once the command has begun', () => {
    const { job, effects } = play([taken, ...prepared, begins, lost, due, due], 10)
    expect(effects).toEqual([])
    expect(job.phase).toBe('reconnecting')
    expect(timer(play([taken], 10, job))).toBeUndefined()
  })

  test('while a kill is owed to what may run', () => {
    expect(play([taken, ...prepared, lost, stop, due], 10).job.ending).toBeNull()
    // A kill of what was never launched has nothing to wait for.
    expect(play([taken, stop, due], 10).job.ending?.outcome).toMatchObject({ kind: 'refused', reason: 'gave_up' })
    // Nor one of what nothing was tried for.
    expect(play([stop, taken], 10).job.ending?.outcome).toMatchObject({ kind: 'refused', reason: 'stopped' })
  })
})

test('a directory that may be kept there is still removed, even if no try has ended since', () => {
  const died: Job = { ...newJob, link: { ...newJob.link, status: 'up' } }
  const { job, effects } = play([taken, due, drained], 10, died)
  expect(outcomeOf(job)).toMatchObject({ kind: 'refused', reason: 'gave_up' })
  expect(job).toMatchObject({ doubtful: true, collected: false, link: { status: 'down' } })
  expect(effects).toContainEqual(expect.objectContaining({ type: 'after', timer: 'retry' }))
})
