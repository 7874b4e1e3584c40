// The machine, event by event: what it becomes, and what it asks for.
import { expect, test } from 'vitest'
import type { Effect, Event } from '../../../src/domain/events.ts'
import type { Fault } from '../../../src/domain/fault.ts'
import { type Job, newJob } from '../../../src/domain/job.ts'
import type { Begun, ExitRecord, Report } from '../../../src/domain/report.ts'
import type { Request, Spec } from '../../../src/domain/spec.ts'
import { step } from '../../../src/domain/step.ts'
import { localDraft } from '../../rig/job.ts'

const NOW = '2026-01-01T00:00:00.000Z'
const spec: Spec = { ...localDraft(['true']), id: 'abcd', nonce: '0123456789abcdef' }
const begun: Begun = { pid: 7, session: 'setsid', bootId: 'b' }
const sizes = { stdout: 3, stderr: 4 }
const record: ExitRecord = {
  status: 0,
  why: 'exit',
  late: false,
  start: 1,
  end: 2,
  sizes,
  checksums: { stdout: null, stderr: null },
  cpu: null,
}
const running: Report = { kind: 'running', begun }
const ended: Report = { kind: 'ended', record, begun, groupAlive: false }
const refused: Fault = { code: 'refused', evidence: 'Connection refused' }
const authentication: Fault = { code: 'authentication', evidence: 'Permission denied (publickey)' }
const by = { user: 'u', host: 'h', pid: 1 }
const stop: Request = { id: 'r1', time: NOW, by, kind: 'stop', signal: 'SIGTERM', grace: 10 }

interface Played {
  readonly job: Job
  /** The types of the last move's effects. */
  readonly types: readonly Effect['type'][]
  readonly effects: readonly Effect[]
}

const play = (events: readonly Event[], from: Job = newJob, terms: Partial<Spec> = {}): Played => {
  let job = from
  let effects: readonly Effect[] = []
  for (const event of events)
    ({ job, effects } = step(job, event, { spec: { ...spec, ...terms }, now: NOW, random: 0.5 }))
  return { job, effects, types: effects.map(({ type }) => type) }
}

const taken: Event = { type: 'taken' }
const connected = (report: Report): Event => ({ type: 'connected', report })
const reported = (report: Report): Event => ({ type: 'reported', report })
const absent: Report = { kind: 'absent', fresh: true }
const isRunning = play([taken, connected(absent), reported(running)]).job

test('a disk that was full when the last byte came is said to have room by the published end', () => {
  const fault: Fault = { code: 'disk_full', evidence: 'ENOSPC' }
  const { job } = play([{ type: 'disk', fault }, reported(ended), { type: 'drained', sizes }], isRunning)
  expect(job).toMatchObject({ phase: 'ended', disk: null })
})

test('the number of a link is on disk before the link is opened', () => {
  const { job, types } = play([taken])
  expect(types).toEqual(['save', 'connect'])
  expect(job.link.generation).toBe(1)
})

test('the remote is prepared, and that it is is on disk, before the launch', () => {
  const asked = play([taken, connected(absent)])
  expect(asked.types).toEqual(['prepare'])
  expect(asked.job.prepared).toBe(false)
  const { job, types } = play([reported({ kind: 'absent', fresh: false })], asked.job)
  expect(types).toEqual(['save', 'launch'])
  expect(job.prepared).toBe(true)
})

test('a directory that was there and is not: nothing is launched again', () => {
  const { job, types } = play([
    taken,
    connected(absent),
    reported(absent),
    { type: 'lost', fault: refused },
    { type: 'due', timer: 'retry' },
    connected(absent),
  ])
  expect(types).not.toContain('launch')
  expect(job.ending?.outcome).toMatchObject({ kind: 'unknown', reason: 'directory_gone' })
})

test('a directory that is still there, and empty: the launch did not arrive, and is asked for again', () => {
  const again: Report = { kind: 'absent', fresh: false }
  const { types } = play([
    taken,
    connected(absent),
    reported(absent),
    { type: 'lost', fault: refused },
    { type: 'due', timer: 'retry' },
    connected(again),
  ])
  expect(types).toEqual(['save', 'launch'])
})

test('output is followed before anything else is asked of a command that runs', () => {
  expect(isRunning.phase).toBe('running')
  expect(play([taken, connected(absent), reported(running)]).types).toEqual(['save', 'follow'])
})

test('the outcome is not public before the output is here', () => {
  const { job, types } = play([reported(ended)], isRunning)
  expect(job.phase).toBe('running')
  expect(types).toEqual(['cancel', 'follow', 'drain'])
  const done = play([{ type: 'drained', sizes }], job)
  expect(done.job).toMatchObject({ phase: 'ended', sizes, ending: { outcome: { kind: 'exited', code: 0 } } })
  expect(done.types).toEqual(['cancel', 'save', 'collect'])
})

test('a link lost while draining: the next one drains again', () => {
  const lost = play([reported(ended), { type: 'lost', fault: refused }], isRunning)
  expect(lost.job).toMatchObject({ phase: 'reconnecting', ending: null })
  expect(lost.types).toEqual(['disconnect', 'cancel', 'save', 'after'])
  expect(play([{ type: 'due', timer: 'retry' }, connected(ended)], lost.job).types).toContain('drain')
})

test('what a lost link said before, and is heard of only now, is left to the next one: nothing followed its output', () => {
  const lost = play([{ type: 'lost', fault: refused }], isRunning)
  const late = play([reported(ended)], lost.job)
  expect(late.job).toEqual(lost.job)
  expect(late.types).toEqual([])
})

test('a signal whose delivery is told after the end is known to be sent', () => {
  const owed = { signal: 'SIGKILL', by, asked: '2026-01-01T00:00:00.000Z', sent: null } as const
  const over = play([reported(ended), { type: 'drained', sizes }], { ...isRunning, signals: [owed] })
  const told = play([{ type: 'signaled', signal: 'SIGKILL', sent: true, report: ended }], over.job)
  expect(told.job.signals[0]?.sent).not.toBeNull()
  expect(told.types).toEqual(['save'])
})

test('a broken link is ended whole before the next try', () => {
  expect(play([{ type: 'lost', fault: refused }], isRunning).types[0]).toBe('disconnect')
})

test('a refusal ends a job that certainly never began; one that may have begun goes on trying', () => {
  expect(play([taken, { type: 'failed', fault: authentication }]).job.ending?.outcome).toMatchObject({
    kind: 'refused',
    reason: 'authentication',
  })
  const maybe = play([
    ...[taken, connected(absent), reported(absent)],
    ...([
      { type: 'lost', fault: refused },
      { type: 'due', timer: 'retry' },
    ] as const),
  ]).job
  expect(play([{ type: 'failed', fault: authentication }], maybe)).toMatchObject({
    job: { phase: 'launching', ending: null },
  })
})

test('a host that is out of reach is tried for ever', () => {
  let { job } = play([taken])
  for (let i = 1; i <= 1_000; i += 1) {
    ;({ job } = play(
      [
        { type: 'failed', fault: refused },
        { type: 'due', timer: 'retry' },
      ],
      job,
    ))
    expect(job.link).toMatchObject({ status: 'connecting', attempts: i, generation: i + 1 })
  }
})

test('a kill is on disk before it is carried out, and both before it is answered', () => {
  const { job, types } = play([{ type: 'asked', request: stop }], isRunning)
  expect(types).toEqual(['save', 'signal', 'answer'])
  expect(job.intent).toMatchObject({ kind: 'stop', signal: 'SIGTERM' })
  const sent = play([{ type: 'signaled', signal: 'SIGTERM', sent: true, report: running }], job)
  expect(sent.effects).toContainEqual({ type: 'after', timer: 'grace', ms: 10_000 })
  expect(play([{ type: 'due', timer: 'grace' }], sent.job).effects).toContainEqual({
    type: 'signal',
    signal: 'SIGKILL',
  })
})

test('a kill asked while there is no link is owed, and delivered by the next one', () => {
  const apart = play(
    [
      { type: 'lost', fault: refused },
      { type: 'asked', request: stop },
    ],
    isRunning,
  )
  expect(apart.effects).toContainEqual({ type: 'answer', request: 'r1', result: 'pending' })
  expect(play([{ type: 'due', timer: 'retry' }, connected(running)], apart.job).effects).toContainEqual({
    type: 'signal',
    signal: 'SIGTERM',
  })
})

test('a kill before the launch: it is never launched', () => {
  const { job, types } = play([{ type: 'asked', request: stop }, taken, connected(absent)])
  expect(types).not.toContain('launch')
  expect(job.ending?.outcome).toMatchObject({ kind: 'refused', reason: 'stopped' })
})

test('a kill of what may have been launched over an older link: it is told not to begin, and then it certainly never does', () => {
  const prepared = play([taken, connected(absent), reported(absent)]).job
  expect(prepared.prepared).toBe(true)
  const lost: Event = { type: 'lost', fault: { code: 'lost', evidence: 'reset' } }
  const { job, types } = play([lost, { type: 'asked', request: stop }, { type: 'due', timer: 'retry' }], prepared)
  expect(types).not.toContain('signal')
  const told = play([connected({ kind: 'absent', fresh: false })], job)
  expect(told.effects).toContainEqual({ type: 'signal', signal: 'SIGTERM' })
  expect(told.job.ending).toBeNull()
  const never: Report = { kind: 'lost', why: 'never_began', sizes }
  const { job: over } = play([{ type: 'signaled', signal: 'SIGTERM', sent: false, report: never }], told.job)
  expect(over.ending?.outcome).toMatchObject({ kind: 'refused', reason: 'stopped' })
})

test('a kill while nothing answers: the job is refused, and a directory that nobody was told to keep goes with its link', () => {
  const fault: Fault = { code: 'silent', evidence: 'Timeout, server not responding' }
  const { job } = play([{ type: 'asked', request: stop }, taken, { type: 'failed', fault }])
  expect(job.ending?.outcome).toMatchObject({ kind: 'refused', reason: 'stopped' })
  expect(play([{ type: 'drained', sizes }], job)).toMatchObject({ job: { phase: 'ended', collected: true } })
})

test('what can not be read is never removed, whoever looks at it', () => {
  const unreadable: Report = { kind: 'unreadable', text: 'ended chap-exit 2' }
  const first = play([reported(unreadable), { type: 'drained', sizes }], isRunning)
  expect(first.types).toEqual(['disconnect', 'save', 'leave'])
  expect(first.job).toMatchObject({ phase: 'ended', collected: false, link: { status: 'closed' } })
  expect(play([taken], first.job).types).toEqual(['disconnect', 'save', 'leave'])
  // One whose end was read before, and whose directory is still to be removed.
  const known = play([reported(ended), { type: 'drained', sizes }], isRunning).job
  expect(play([taken, connected(unreadable)], known).types).toEqual(['note', 'disconnect', 'save', 'leave'])
})

test.each([
  ['killed', [{ type: 'asked', request: stop }], refused, 'stopped'],
  ['refused', [], authentication, 'authentication'],
] as const)(
  '%s after a link that was to prepare the remote was lost: it has ended, and what that left is still removed',
  (_how, asked, fault, reason) => {
    const dead: Job = { ...newJob, link: { ...newJob.link, status: 'connecting', generation: 1 } }
    const lost = play([taken, connected(absent), { type: 'lost', fault: refused }, { type: 'due', timer: 'retry' }]).job
    for (const before of [play([taken], dead).job, lost]) {
      const { job, types } = play([...asked, { type: 'failed', fault }, { type: 'drained', sizes }], before)
      expect(job).toMatchObject({ phase: 'ended', collected: false, ending: { outcome: { kind: 'refused', reason } } })
      expect(types).toContain('after')
      const again = play([{ type: 'due', timer: 'retry' }, connected(absent)], job)
      expect(again.types).toEqual(['collect'])
    }
  },
)

test('the grace belongs to the whole group: its members are waited for after the command ended', () => {
  const stopping = play(
    [
      { type: 'asked', request: stop },
      { type: 'signaled', signal: 'SIGTERM', sent: true, report: running },
    ],
    isRunning,
  ).job
  const still = play([reported({ ...ended, groupAlive: true })], stopping)
  expect(still.types).toEqual(['after'])
  expect(still.job.ending).toBeNull()
  expect(play([reported(ended)], still.job).types).toContain('drain')
})

test('a signal that nobody got is not claimed to be sent, and the grace runs all the same', () => {
  const asked = play([{ type: 'asked', request: stop }], isRunning).job
  const { job, effects } = play([{ type: 'signaled', signal: 'SIGTERM', sent: false, report: running }], asked)
  expect(job.signals).toMatchObject([{ signal: 'SIGTERM', sent: null }])
  expect(effects).toContainEqual({ type: 'after', timer: 'grace', ms: 10_000 })
})

test('the grace is that of the kill: a signal of the same name that was sent before does not count', () => {
  const before: Request = { id: 'r0', time: '2025-12-31T23:59:50.000Z', by, kind: 'signal', signal: 'SIGTERM' }
  const sent = (from: Job): Played => play([{ type: 'signaled', signal: 'SIGTERM', sent: true, report: running }], from)
  const early = sent(play([{ type: 'asked', request: before }], isRunning).job).job
  const told: Job = { ...early, signals: early.signals.map((one) => ({ ...one, sent: '2025-12-31T23:59:50.000Z' })) }
  const stopping = play([{ type: 'asked', request: stop }], told).job
  const grace = { type: 'after', timer: 'grace', ms: 10_000 }
  expect(sent(stopping).effects).toContainEqual(grace)

  // Both are owed: only the second one's delivery is the kill's.
  const owed = play(
    [{ type: 'lost', fault: refused }, ...[before, stop].map((request): Event => ({ type: 'asked', request }))],
    isRunning,
  )
  const back = play([{ type: 'due', timer: 'retry' }, connected(running)], owed.job)
  expect(back.types.filter((type) => type === 'signal')).toHaveLength(2)
  const first = sent(back.job)
  expect(first.types).not.toContain('after')
  expect(sent(first.job).effects).toContainEqual(grace)
})

test('one kill is one kill', () => {
  const once = play([{ type: 'asked', request: stop }], isRunning).job
  const { job, types } = play([{ type: 'asked', request: { ...stop, id: 'r2' } }], once)
  expect(types).toEqual(['answer'])
  expect(job.signals).toHaveLength(1)
})

test.each(['plain', 'onDisconnect'] as const)('%s: a lost link is the end, and the status unknown', (key) => {
  const terms = key === 'plain' ? { plain: true } : ({ onDisconnect: 'kill' } as const)
  const { job } = play([{ type: 'lost', fault: refused }], isRunning, terms)
  expect(job.ending?.outcome).toMatchObject({ kind: 'unknown', reason: 'disconnected' })
  const recovered = play([taken], isRunning, terms)
  expect(recovered.types).not.toContain('connect')
})

test.each(['rebooted', 'supervisor_died'] as const)('%s: unknown, with the output there was', (why) => {
  const { job, effects } = play([reported({ kind: 'lost', why, sizes })], isRunning)
  expect(job.ending?.outcome).toMatchObject({ kind: 'unknown', reason: why })
  expect(effects).toContainEqual({ type: 'drain', upTo: sizes })
})

test('an outcome is never revised', () => {
  const done = play([reported(ended), { type: 'drained', sizes }], isRunning).job
  const later: Event[] = [
    reported({ kind: 'gone' }),
    connected({ kind: 'gone' }),
    { type: 'lost', fault: refused },
    { type: 'failed', fault: authentication },
    { type: 'asked', request: stop },
    { type: 'signaled', signal: 'SIGKILL', sent: true, report: running },
    { type: 'kept', evidence: 'x' },
  ]
  for (const event of later)
    expect(play([event], done).job).toMatchObject({ phase: 'ended', ending: done.ending, sizes })
})

test('a newer link elsewhere: this chaperone leaves', () => {
  expect(play([taken, { type: 'failed', fault: { code: 'superseded', evidence: '9' } }]).types).toEqual([
    'note',
    'leave',
  ])
})

test('somebody came to look: the next try is now', () => {
  const apart = play([{ type: 'lost', fault: refused }], isRunning).job
  expect(play([{ type: 'knocked' }], apart).types).toEqual(['cancel', 'save', 'connect'])
  expect(play([{ type: 'knocked' }], isRunning).types).toEqual([])
})

const series = { every: 1_000, count: null, initialDelay: 0, jitter: 0, overrun: 'skip' } as const
const goesOn: Report = { kind: 'running', begun: { ...begun, pid: null } }
const isSeries = play([taken, connected(absent), reported(goesOn)], newJob, { series }).job
const lost: Report = { kind: 'lost', why: 'rebooted', sizes }

test('a series whose supervisor is dead is made to go on, and is tried again later when that can not be', () => {
  expect(play([reported(lost)], isSeries, { series }).types).toEqual(['continue'])
  const again = play([reported(lost), reported(goesOn)], isSeries, { series })
  expect(again.job).toMatchObject({ phase: 'running', ending: null })
  const stuck = play([reported(lost), reported({ ...lost, isStuck: true })], isSeries, { series })
  expect(stuck.types).toEqual(['disconnect', 'cancel', 'save', 'after'])
  expect(stuck.job).toMatchObject({ phase: 'reconnecting', ending: null })
})

test('a new link of a series that goes on again follows its output from there', () => {
  const down = play(
    [
      { type: 'lost', fault: refused },
      { type: 'due', timer: 'retry' },
    ],
    isSeries,
    { series },
  ).job
  const { job, types } = play([connected(lost), reported(goesOn)], down, { series })
  expect(job.phase).toBe('running')
  expect(types).toEqual(['save', 'follow'])
})

test('a series of which no run began never began', () => {
  const { job } = play([reported({ ...lost, why: 'never_began' })], isSeries, { series })
  expect(job.ending?.outcome).toMatchObject({ kind: 'refused', reason: 'launch_interrupted' })
})

test("a series' status is a status, whatever signal ended one of its runs", () => {
  const failed: Report = { kind: 'ended', record: { ...record, status: 143 }, begun: null, groupAlive: false }
  expect(play([reported(failed)], isSeries, { series }).job.ending?.outcome).toEqual({ kind: 'exited', code: 143 })
  expect(play([reported(failed)], isRunning).job.ending?.outcome).toEqual({ kind: 'signaled', signal: 'SIGTERM' })
})

test('a signal that found no run is dropped; a kill is not', () => {
  const told: Event = { type: 'signaled', signal: 'SIGHUP', sent: false, report: goesOn }
  const asked: Event = { type: 'asked', request: { ...stop, kind: 'signal', signal: 'SIGHUP' } }
  const dropped = play([asked, told], isSeries, { series })
  expect(dropped.job.signals).toEqual([])
  expect(dropped.types).toContain('save')
  expect(play([asked, told], isRunning).job.signals).toHaveLength(1)
  const killed = play(
    [
      { type: 'asked', request: stop },
      { ...told, signal: 'SIGTERM' },
    ],
    isSeries,
    { series },
  )
  expect(killed.job.signals).toMatchObject([{ signal: 'SIGTERM', sent: null }])
})
