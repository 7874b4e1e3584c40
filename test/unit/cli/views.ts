// Jobs as they would lie in a spool: the example's, with another state.
import { fileURLToPath } from 'node:url'
import { type Glance, glanceAt } from '../../../src/cli/ls/fields.ts'
import type { Job } from '../../../src/domain/job.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Spec } from '../../../src/domain/spec.ts'
import { jobPaths } from '../../../src/spool/layout.ts'
import { type JobView, viewJob } from '../../../src/watcher/job-view.ts'

const example = viewJob(jobPaths(fileURLToPath(new URL('../../../spool.example', import.meta.url)), 'yyzt'), Date.now())

/** When it is, for all that the tests look at: an hour and four minutes after the jobs were made. */
const NOW = Date.parse('2026-11-27T12:04:00Z')
const MADE = '2026-11-27T11:00:00Z'

export interface Wanted {
  readonly id: string
  readonly spec?: Partial<Spec>
  readonly job?: Partial<Job>
  readonly verdict?: JobView['verdict']
}

const viewOf = ({ id, spec = {}, job = {}, verdict = 'ended' }: Wanted): JobView => {
  if (!example.spec.ok || !example.state.ok) throw new Error('the example can not be read')
  const state = example.state.value
  const created = { ...example.spec.value.created, time: MADE }
  return {
    ...example,
    id,
    verdict,
    spec: { ok: true, value: { ...example.spec.value, created, name: null, host: null, labels: {}, ...spec } },
    state: { ok: true, value: { ...state, job: { ...state.job, startTime: MADE, endTime: null, ...job } } },
  }
}

export const running = (id: string, spec: Partial<Spec> = {}): JobView =>
  viewOf({ id, spec, verdict: 'attended', job: { phase: 'running', ending: null, sizes: { stdout: 2048, stderr: 0 } } })

export const ended = (id: string, outcome: Outcome, spec: Partial<Spec> = {}): JobView =>
  viewOf({
    id,
    spec,
    job: {
      phase: 'ended',
      endTime: '2026-11-27T11:00:05Z',
      ending: { outcome, by: 'exit', record: null, sizes: null },
      sizes: { stdout: 10, stderr: 0 },
    },
  })

export const glances = (...views: readonly JobView[]): Glance[] => views.map((view) => glanceAt(view, NOW))
