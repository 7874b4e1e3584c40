// How a job began, as far as that is known when time is up.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Job, newJob } from '../../../src/domain/job.ts'
import { writeRecord } from '../../../src/spool/atomic.ts'
import { formatState } from '../../../src/spool/state.ts'
import { waitUntilBegun } from '../../../src/watcher/start-job.ts'
import { localDraft, makeJob } from '../../rig/job.ts'
import { cleanUp, makeSpool, type Spool } from '../../rig/spool.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

test('what the last try met is said also while the next one is under way', async () => {
  const job = makeJob(spool, localDraft(['true']))
  const write = (state: Job): void => {
    const around = { id: job.spec.id, host: null, chaperonePid: null, now: new Date().toISOString() }
    writeRecord(job.paths.state, formatState(state, around), null)
  }
  const fault = { code: 'unreachable', evidence: 'no route to host' } as const
  write({ ...newJob, link: { ...newJob.link, fault } })
  // It looks at once, and then when something changed or time is up.
  const begun = waitUntilBegun(job, new Promise<never>(() => undefined), 100)
  write(newJob)
  expect(await begun).toEqual({ kind: 'pending', fault })
})
