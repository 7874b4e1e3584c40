/** --fail-fast: when one of a group's jobs has failed, all others are asked to stop, each once, whoever sees it and however often. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exitStatusOfJob } from '../domain/job.ts'
import type { Asker, GroupPlace } from '../domain/spec.ts'
import { ringDoorbell } from './doorbell.ts'
import { readGroup } from './groups.ts'
import { type JobPaths, jobPaths } from './layout.ts'
import { putRequest } from './requests.ts'
import { readState } from './state.ts'

/** Of its request there is one, by whichever of the failed jobs. */
const REQUEST = 'fail-fast'
/** Seconds, as with chap kill. */
const GRACE = 10

/** @returns whether one has failed: then none may begin any more */
export const stopAfterFailure = (spool: string, group: GroupPlace, by: Asker): boolean => {
  if (!group.failFast) return false
  const jobs = (readGroup(spool, group.id) ?? []).map((id) => ({ id, paths: jobPaths(spool, id) }))
  const statuses = jobs.map((job) => ({ ...job, status: statusOf(job.paths) }))
  const failed = statuses.find(({ status }) => status !== null && status !== 0)
  if (failed === undefined) return false
  const time = new Date().toISOString()
  for (const { paths, status } of statuses) {
    if (status !== null || !existsSync(paths.requests) || existsSync(join(paths.requests, `${REQUEST}.json`))) continue
    putRequest(paths, {
      id: REQUEST,
      time,
      by: { ...by, job: failed.id },
      kind: 'stop',
      signal: 'SIGTERM',
      grace: GRACE,
    })
    ringDoorbell(paths.doorbell)
  }
  return true
}

/** null: it has not ended, or can't be read. */
const statusOf = (paths: JobPaths): number | null => {
  const state = readState(paths.state)
  return state.ok ? exitStatusOfJob(state.value.job) : null
}
