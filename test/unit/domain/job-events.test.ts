/** What is told of a job: each change once, and what was told can be read back from the events. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fault } from '../../../src/domain/fault.ts'
import { type Job, newJob } from '../../../src/domain/job.ts'
import { hearEvent, type JobEvent, nothingTold, tellChanges } from '../../../src/domain/job-events.ts'
import { formatEvent, parseEvents } from '../../../src/spool/event-file.ts'
import { makeEndedJob } from '../../rig/records.ts'

const by = { user: 'ada', host: 'laptop', pid: 1 }
const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`
const timeout: Fault = { code: 'timeout', evidence: 'no answer' }
const refused: Fault = { code: 'refused', evidence: 'nobody listens' }
const link = (over: Partial<Job['link']>): Pick<Job, 'link'> => ({ link: { ...newJob.link, ...over } })
const begun = { pid: 7, session: null, bootId: null }
const running: Job = { ...newJob, phase: 'running', begun, startTime: at(1), ...link({ status: 'up' }) }

const tellAll = (jobs: readonly Job[], owner = 1): string[] => {
  let told = nothingTold
  return jobs.flatMap((job) => {
    const events = tellChanges(told, job, owner)
    told = events.reduce(hearEvent, told)
    return events.map((event) => ('fault' in event && event.fault ? `${event.event} ${event.fault.code}` : event.event))
  })
}

test('a link that is lost, and tried in vain for two reasons, and back', () => {
  const down = (attempts: number, fault: Fault): Job => ({
    ...running,
    phase: 'reconnecting',
    ...link({ status: 'down', lostAt: at(2), attempts, fault }),
  })
  const lost: Fault = { code: 'lost', evidence: 'broken' }
  const jobs = [running, down(1, lost), down(2, timeout), down(3, timeout), down(4, refused), running, down(1, lost)]
  // Back, and lost again at another time.
  const again: Job = { ...running, ...link({ status: 'up', lostAt: at(2) }) }
  const lostAgain: Job = { ...down(1, lost), ...link({ status: 'down', lostAt: at(9), fault: lost }) }
  expect(tellAll([...jobs.slice(0, 5), again, again, lostAgain])).toEqual([
    'created',
    'started',
    'link_lost lost',
    'connect_failed timeout',
    'connect_failed refused',
    'link_restored',
    'link_lost lost',
  ])
})

test('a host that can not be reached from the beginning', () => {
  const down = (attempts: number, fault: Fault): Job => ({ ...newJob, ...link({ status: 'down', attempts, fault }) })
  expect(tellAll([down(1, timeout), down(2, timeout), down(3, refused), running])).toEqual([
    'created',
    'connect_failed timeout',
    'connect_failed refused',
    'started',
  ])
})

test('signals, each asked and sent once, and the end', () => {
  const signal = (sent: string | null): Job['signals'][number] => ({ signal: 'SIGUSR1', by, asked: at(3), sent })
  const asked: Job = { ...running, signals: [signal(null)] }
  const both: Job = { ...running, signals: [signal(at(4)), signal(null)] }
  const ended: Job = { ...makeEndedJob(3), begun, signals: [signal(at(4)), signal(at(5))] }
  expect(tellAll([running, asked, asked, both, ended, ended])).toEqual([
    'created',
    'started',
    'signal_asked',
    'signal_sent',
    'signal_asked',
    'signal_sent',
    'ended',
    'collected',
  ])
})

test('a full disk, and a new chaperone', () => {
  const full: Job = { ...running, disk: { code: 'disk_full', evidence: 'ENOSPC' } }
  expect(tellAll([running, full, full, running], 2)).toEqual([
    'created',
    'recovered',
    'started',
    'disk_full disk_full',
    'disk_free',
  ])
})

const anyJob = fc.record({
  phase: fc.constantFrom('launching', 'running', 'reconnecting', 'ended'),
  begun: fc.constantFrom(null, begun),
  status: fc.constantFrom('connecting', 'up', 'down', 'closed'),
  fault: fc.constantFrom(null, timeout, refused),
  lostAt: fc.constantFrom(null, at(2), at(5)),
  disk: fc.constantFrom<Fault | null>(null, { code: 'disk_full', evidence: '' }),
  signals: fc.array(fc.constantFrom(null, at(9)), { maxLength: 3 }),
  collected: fc.boolean(),
} as const)

test('what was told can be read back from its lines at any point, and then nothing is missing and nothing told twice', () => {
  fc.assert(
    fc.property(fc.array(anyJob, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 3 }), (draws, owner) => {
      let text = ''
      for (const { phase, status, fault, lostAt, signals, ...draw } of draws) {
        const job: Job = {
          ...(phase === 'ended' ? makeEndedJob(0) : { ...newJob, phase }),
          ...draw,
          ...link({ status, fault, lostAt, attempts: 1 }),
          signals: signals.map((sent) => ({ signal: 'SIGINT', by, asked: at(1), sent })),
        }
        const told = parseEvents(text).reduce(hearEvent, nothingTold)
        const events: JobEvent[] = tellChanges(told, job, owner)
        text += events.map((event) => formatEvent(event, at(0))).join('')
        expect(parseEvents(text).slice(-events.length || text.length)).toEqual(
          events.map((event) => ({ time: at(0), ...event })),
        )
        expect(tellChanges(parseEvents(text).reduce(hearEvent, nothingTold), job, owner)).toEqual([])
      }
    }),
  )
})

test('a torn line, garbage and an event of a later chap are passed over', () => {
  const whole = formatEvent({ event: 'created' }, at(0))
  const text = `${whole}{"time":"2026-01-01T00:0\nnull\n{"time":"${at(1)}","event":"sang"}\n${formatEvent({ event: 'collected' }, at(2))}`
  expect(parseEvents(text).map(({ event }) => event)).toEqual(['created', 'collected'])
})
