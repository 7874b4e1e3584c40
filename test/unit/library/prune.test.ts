// Which jobs `prune` takes: each option leaves fewer, and what is not over stays.
import { expect, test } from 'vitest'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { choosePrunable, type PruneOptions } from '../../../src/library/prune.ts'
import type { JobView } from '../../../src/watcher/job-view.ts'
import { ended, running } from '../cli/views.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-27T12:00:00Z')
const WELL: Outcome = { kind: 'exited', code: 0 }
const BADLY: Outcome = { kind: 'exited', code: 3 }

/** One that ended so many hours ago; by the clock of its own machine it was long before. */
const job = (id: string, hours: number, outcome: Outcome, change: object = {}): JobView => {
  const view = ended(id, outcome)
  if (!view.state.ok) throw new Error('it has a state')
  const { value } = view.state
  const updated = new Date(NOW - hours * HOUR).toISOString()
  const endTime = '2001-01-01T00:00:00Z'
  return { ...view, state: { ok: true, value: { ...value, updated, job: { ...value.job, endTime, ...change } } } }
}

const views = [
  running('live'),
  job('w001', 1, WELL),
  job('b002', 2, BADLY),
  job('w030', 30, WELL),
  job('s040', 40, { kind: 'signaled', signal: 'SIGKILL' }),
  job('r500', 500, { kind: 'refused', reason: 'stopped', evidence: '' }),
  job('w400', 400, WELL),
]

test.each<[PruneOptions, string]>([
  [{}, 'w400 r500'],
  [{ olderThan: 24 * HOUR }, 'w030 s040 w400 r500'],
  [{ olderThan: 0 }, 'w001 b002 w030 s040 w400 r500'],
  [{ keep: 0 }, 'w001 b002 w030 s040 w400 r500'],
  [{ keep: 4 }, 'w400 r500'],
  [{ keep: 4, olderThan: 450 * HOUR }, 'r500'],
  [{ keep: 100 }, ''],
  [{ failed: true }, 'r500'],
  [{ failed: true, olderThan: 0 }, 'b002 s040 r500'],
  [{ failed: true, keep: 2 }, 'r500'],
  [{ failed: true, keep: 1, olderThan: 24 * HOUR }, 's040 r500'],
])('%j', (options, expected) => {
  const { goes, held } = choosePrunable(views, NOW, options)
  expect(goes.map(({ id }) => id).join(' ')).toBe(expected)
  expect(held).toEqual([])
})

test('what is not over, or can not be read, stays', () => {
  const link = { status: 'down' } as const
  const fault = { code: 'damaged', path: 'state.json', detail: 'cut' } as const
  const odd: readonly JobView[] = [
    job('gone', 500, WELL, { link }),
    { ...job('torn', 500, WELL), state: { ok: false, fault } },
    { ...job('bent', 500, WELL), spec: { ok: false, fault } },
    { ...job('newr', 500, WELL), spec: { ok: false, fault: { ...fault, code: 'newer', format: 2 } } },
  ]
  expect(choosePrunable(odd, NOW, { keep: 0 })).toEqual({ goes: [], held: [{ id: 'gone', why: 'not_collected' }] })
})
