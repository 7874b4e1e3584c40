/** Which job a name means. */
import { expect, test } from 'vitest'
import type { Verdict } from '../../../src/domain/verdict.ts'
import { pathsIn } from '../../../src/spool/layout.ts'
import { chooseJob, hasLabels } from '../../../src/watcher/find-jobs.ts'
import type { JobView } from '../../../src/watcher/job-view.ts'
import { makeSpec } from '../../rig/records.ts'

const view = (id: string, name: string | null, verdict: Verdict): JobView => ({
  id,
  paths: pathsIn(`/spool/jobs/${id}`),
  spec: { ok: true, value: makeSpec({ id, name, labels: { team: 'ml' } }) },
  state: { ok: false, fault: { code: 'missing', path: 'state.json' } },
  verdict,
})

/** Newest first. */
const jobs = [
  view('abc2', 'web', 'ended'),
  view('abd3', 'web', 'attended'),
  view('xyz4', 'ab', 'ended'),
  view('web5', null, 'ended'),
]

test.each([
  ['abc2', 'abc2'],
  ['abc', 'abc2'],
  ['x', 'xyz4'],
  ['last', 'abc2'],
  ['web', 'abd3'], // the one that runs, and before the id that begins so
  ['ab', 'xyz4'], // a name, before the beginning of two ids
  ['web5', 'web5'],
])('%s is %s', (name, id) => {
  expect(chooseJob(jobs, name)).toMatchObject({ ok: true, view: { id } })
})

test('a beginning of several is ambiguous, and no job is said to be one', () => {
  expect(chooseJob(jobs, 'a')).toMatchObject({
    fault: { code: 'ambiguous', candidates: [{ id: 'abc2' }, { id: 'abd3' }] },
  })
  for (const name of ['', 'nope', 'abc22'])
    expect(chooseJob(jobs, name)).toMatchObject({ fault: { code: 'no_such_job' } })
  expect(chooseJob([], 'last')).toMatchObject({ fault: { code: 'no_such_job' } })
})

test('labels must all be there', () => {
  const [job] = jobs
  expect(job && hasLabels(job, { team: 'ml' })).toBe(true)
  expect(job && hasLabels(job, { team: 'ml', x: 'y' })).toBe(false)
})
