/** A job as a document for programs: the fields of its records on disk, and what only a reader can tell. */

import { exitStatusOfJob } from '../domain/job.ts'
import type { Spec } from '../domain/spec.ts'
import type { Verdict } from '../domain/verdict.ts'
import { readDelivery } from './callback.ts'
import { readGaps } from './gaps.ts'
import type { JobPaths } from './layout.ts'
import { endOfOnExit, readOnExit } from './on-exit.ts'
import type { Read } from './read-record.ts'
import type { RunsSummary } from './runs.ts'
import type { SpecRecord } from './schema.ts'
import { recordOfSpec } from './spec.ts'
import { recordOfJob, type State } from './state.ts'

/** Values of the environment may be secrets. */
const MASK = '***'

/** What a document is made of. */
interface Records {
  readonly id: string
  readonly paths: JobPaths
  readonly spec: Read<Spec>
  readonly state: Read<State>
  readonly verdict: Verdict
  /** null: it is no series, or its notes can't be read. */
  readonly runs: RunsSummary | null
  /** How many owned it; null: it has ended. */
  readonly chaperones: number | null
}

export const documentOfRecords = (records: Records): Readonly<Record<string, unknown>> => {
  const { id, spec, state, verdict, paths, runs, chaperones } = records
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
    gaps: readGaps(paths),
    program: asked === undefined ? null : { ...asked.program, env: maskValues(asked.program.env) },
    ...documentOfPolicies(asked),
    series: asked?.series ? { ...asked.series, ...documentOfRuns(runs) } : null,
    group: asked?.group ?? null,
    rerun_of: asked?.rerun_of ?? null,
    on_exit: documentOfOnExit(asked, paths),
    callback: documentOfCallback(asked, paths),
    created: asked?.created ?? null,
    chaperones,
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
  max_output: asked?.max_output ?? null,
  on_max_output: asked?.on_max_output ?? null,
  grace: asked?.grace ?? null,
})

/** The line, and how it ended; result: null before that. */
const documentOfOnExit = (asked: SpecRecord | undefined, paths: JobPaths): object | null => {
  if (asked === undefined || asked.on_exit === null) return null
  const end = readOnExit(paths)
  if (!end.ok) return { command: asked.on_exit, result: null }
  const { start_time, end_time } = end.value
  return { command: asked.on_exit, ...endOfOnExit(end.value), start_time, end_time }
}

/** What was asked, and how far it is; result: null before anything was sent. */
const documentOfCallback = (asked: SpecRecord | undefined, paths: JobPaths): object | null => {
  if (asked === undefined || asked.callback === null) return null
  const read = readDelivery(paths)
  if (!read.ok) return { ...asked.callback, result: null }
  const { format: _, ...delivery } = read.value
  return { ...asked.callback, ...delivery }
}

/** Counts, and the last run as it is noted. */
const documentOfRuns = (runs: RunsSummary | null): object => {
  if (runs === null) return {}
  const { runs: begun, failed, missed, lost, last } = runs
  return { runs: begun, failed, missed, lost, last_run: last }
}

const maskValues = (env: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.keys(env).map((name) => [name, MASK]))
