/** A job's document, as a reader gives it. */
import { documentOfRecords } from '../spool/job-document.ts'
import { type JobView, lookForOwner } from '../watcher/job-view.ts'
import { viewRuns } from '../watcher/series.ts'

export const documentOfJob = (view: JobView): Readonly<Record<string, unknown>> =>
  documentOfRecords({
    ...view,
    runs: viewRuns(view),
    chaperones: view.verdict === 'ended' ? null : (lookForOwner(view.paths).owner?.number ?? 0),
  })
