/** A series as it lies in the spool: what its runs come to. */
import type { Spec } from '../domain/spec.ts'
import type { RunsSummary } from '../spool/runs.ts'
import { readLastRuns, readRuns } from '../spool/runs-file.ts'
import type { JobView } from './job-view.ts'

/** What is about a series that goes on or is over; null: the job is none, or its notes can't be read. */
export const viewRuns = (view: JobView): RunsSummary | null => look(view, readRuns)

/** The same from the newest notes alone, at the same price however long it has gone on: the counts are of these only. */
export const viewLastRuns = (view: JobView): RunsSummary | null => look(view, readLastRuns)

const look = ({ spec, paths }: JobView, read: (path: string) => RunsSummary): RunsSummary | null => {
  if (seriesOf(spec) === null) return null
  try {
    return read(paths.runs)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return null
  }
}

export const seriesOf = (spec: JobView['spec']): Spec['series'] => (spec.ok ? spec.value.series : null)
