/** `--fold`: jobs that said the same are shown once, under the set of their hosts. */

import {
  copyPresent,
  exitStatusOfJob,
  foldNodes,
  groupBySameOutput,
  hostOf,
  type JobView,
  readState,
  type Stream,
} from '../index.ts'
import { type ColorWish, hasColor, paintName } from './color.ts'
import type { Context } from './context.ts'
import { nameJobs } from './job-labels.ts'
import { openLogSinks } from './log-sinks.ts'

export interface FoldOptions {
  readonly streams: readonly Stream[]
  readonly color: ColorWish
  readonly hasTime: boolean
  readonly isStrict: boolean
}

/** Shows what the jobs have now; of one that still runs, what it has said until now. */
export const showFolded = async (context: Context, views: readonly JobView[], options: FoldOptions): Promise<void> => {
  const names = nameJobs(views)
  const jobs = views.map((view) => ({ view, paths: view.paths, end: wordsOfEnd(view) }))
  for (const group of await groupBySameOutput(jobs)) {
    const [first] = group
    if (first === undefined) continue
    const { view, end } = first
    const nodes = foldNodes(group.map((job) => names.get(job.view.id) ?? job.view.id))
    const header = `${nodes} (${group.length})${end === 'exit 0' ? '' : `: ${end}`}`
    const shown = hasColor(context, context.stdout, options.color) ? paintName(nodes, header) : header
    if (!(await context.stdout.write(`${shown}\n`))) return
    const from = { stdout: 0, stderr: 0 }
    // By line, so that the next header begins one.
    const style = { ...options, isJson: false, label: () => '' }
    const { sinks, end: endLines } = openLogSinks(context, { ...view, host: hostOf(view) }, from, style)
    if (!(await copyPresent(view.paths, sinks, from)) || !(await endLines())) return
  }
}

const wordsOfEnd = ({ paths }: JobView): string => {
  const state = readState(paths.state)
  const status = state.ok ? exitStatusOfJob(state.value.job) : null
  return status === null ? 'not ended' : `exit ${status}`
}
