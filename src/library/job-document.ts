/** A job as a document for programs: the fields of its records on disk, and what only a reader can tell. */

import { exitStatusOfJob } from '../domain/job.ts'
import type { RunsSummary } from '../spool/runs.ts'
import type { SpecRecord } from '../spool/schema.ts'
import { recordOfSpec } from '../spool/spec.ts'
import { recordOfJob } from '../spool/state.ts'
import { type JobView, lookForOwner } from '../watcher/job-view.ts'
import { viewRuns } from '../watcher/series.ts'

/** Values of the environment may be secrets. */
const MASK = '***'

export const documentOfJob = (view: JobView): Readonly<Record<string, unknown>> => {
  const { id, spec, state, verdict, paths } = view
  const asked = spec.ok ? recordOfSpec(spec.value) : undefined
  const job = state.ok ? state.value.job : undefined
  const { format: _, ...record } = state.ok
    ? recordOfJob(state.value.job, {
        id,
        host: asked?.host ?? null,
        chaperonePid: state.value.chaperonePid,
        now: state.value.updated,
      })
    : { format: 0 }
  return {
    id,
    name: asked?.name ?? null,
    labels: asked?.labels ?? {},
    host: asked?.host ?? null,
    verdict,
    orphaned: verdict === 'orphaned',
    exit_status: job === undefined ? null : exitStatusOfJob(job),
    ...record,
    program: asked === undefined ? null : { ...asked.program, env: maskValues(asked.program.env) },
    ...documentOfPolicies(asked),
    series: asked?.series ? { ...asked.series, ...documentOfRuns(viewRuns(view)) } : null,
    group: asked?.group ?? null,
    created: asked?.created ?? null,
    chaperones: verdict === 'ended' ? null : (lookForOwner(paths).owner?.number ?? 0),
    unreadable: [spec, state].flatMap((read) => (read.ok ? [] : [read.fault])),
    directory: paths.dir,
  }
}

const documentOfPolicies = (asked: SpecRecord | undefined): object => ({
  on_disconnect: asked?.on_disconnect ?? null,
  plain: asked?.plain ?? null,
  lease: asked?.lease ?? null,
  give_up_after: asked?.give_up_after ?? null,
  timeout: asked?.timeout ?? null,
  idle_timeout: asked?.idle_timeout ?? null,
  grace: asked?.grace ?? null,
})

/** Counts, and the last run as it is noted. */
const documentOfRuns = (runs: RunsSummary | null): object => {
  if (runs === null) return {}
  const { runs: begun, failed, missed, lost, last } = runs
  return { runs: begun, failed, missed, lost, last_run: last }
}

const maskValues = (env: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.keys(env).map((name) => [name, MASK]))
