/** The document of a job that has just ended, for those who are told. */
import type { Job } from '../domain/job.ts'
import type { Spec } from '../domain/spec.ts'
import { documentOfRecords } from '../spool/job-document.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { RunsSummary } from '../spool/runs.ts'
import { readRuns } from '../spool/runs-file.ts'

export const documentOfEnd = (job: Job, spec: Spec, paths: JobPaths): object =>
  documentOfRecords({
    id: spec.id,
    paths,
    spec: { ok: true, value: spec },
    state: { ok: true, value: { job, chaperonePid: process.pid, updated: new Date().toISOString() } },
    verdict: 'ended',
    runs: spec.series === null ? null : readRunsOrNone(paths),
    chaperones: null,
  })

const readRunsOrNone = ({ runs }: JobPaths): RunsSummary | null => {
  try {
    return readRuns(runs)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return null
  }
}
