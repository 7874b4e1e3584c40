/** The past and what comes are one: each event once, by time, whatever is written while the past is told. */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobPaths } from '../../../src/spool/layout.ts'
import { openEarliest } from '../../../src/watcher/earliest.ts'
import { listPast } from '../../../src/watcher/past-events.ts'
import { watchEvents } from '../../../src/watcher/spool-events.ts'
import { makeLiveJobs, makeOldJobs } from '../../rig/live-jobs.ts'

let spool: string

beforeAll(async () => {
  spool = join(await mkdtemp(join(tmpdir(), 'chap-t-')), 'spool')
})
afterAll(() => rmSync(join(spool, '..'), { recursive: true, force: true }))

const start = Date.now() - 60_000
const line = (second: number, number: number): string =>
  `${JSON.stringify({ time: new Date(start + second * 1_000).toISOString(), event: 'signal_asked', number })}\n`

test('what is written while the past is told is told once', async () => {
  const live = makeLiveJobs(spool, 2)
  const [one = '', two = ''] = live.ids
  const eventsOf = (id: string): string => jobPaths(spool, id).events
  writeFileSync(eventsOf(one), line(0, 1) + line(20, 4))
  writeFileSync(eventsOf(two), line(10, 2) + line(11, 3))
  const stop = new AbortController()
  const told: unknown[] = []
  try {
    for await (const { event, number } of watchEvents(spool, { since: start, only: null, signal: stop.signal })) {
      if (event !== 'signal_asked') continue
      told.push(number)
      // It is behind the past of `two` and before its tail has looked; half a line is none yet.
      if (number === 1) appendFileSync(eventsOf(two), line(30, 5) + line(31, 6).slice(0, 20))
      if (number === 5) appendFileSync(eventsOf(two), line(31, 6).slice(20))
      if (number === 6) appendFileSync(eventsOf(one), line(40, 7))
      if (number === 7) stop.abort()
    }
  } finally {
    stop.abort()
    live.close()
  }
  expect(told).toEqual([1, 2, 3, 4, 5, 6, 7])
}, 20_000)

test('a job that is over tells what its state says and its events do not; since then, and runs among the rest', () => {
  const [id = ''] = makeOldJobs(spool, 1, 0, 100)
  const paths = jobPaths(spool, id)
  writeFileSync(paths.events, line(0, 1) + line(50, 2))
  const at = start / 1_000
  writeFileSync(paths.runs, `begun 1 ${at + 5} ${at + 5} 0 0\nended 1 ${at + 7} 0 exit 0 3 0\nmissed 2 3 late\n`)
  const tell = (since: number) =>
    [...listPast(spool, { ids: [id], since, isOver: () => true, onEnd: () => undefined })].map(({ event }) => event)
  const rest = ['created', 'ended', 'collected']
  expect(tell(start)).toEqual(['signal_asked', 'run_begun', 'run_ended', 'run_missed', 'signal_asked', ...rest])
  expect(tell(start + 6_000)).toEqual(['run_ended', 'run_missed', 'signal_asked', ...rest])
  expect(tell(Date.now() + 60_000)).toEqual([])
})

test('the earliest comes first, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1, max: 50 })), (works) => {
      const heap = openEarliest<number>((one, other) => one < other)
      const model: number[] = []
      // -1: take one.
      for (const work of works) {
        const [taken, wanted] = work < 0 ? [heap.take(), model.shift()] : [heap.add(work), void model.push(work)]
        model.sort((a, b) => a - b)
        expect([taken, heap.peek()]).toEqual([wanted, model[0]])
      }
      for (const left of model) expect(heap.take()).toBe(left)
      expect(heap.take()).toBeUndefined()
    }),
  )
})
