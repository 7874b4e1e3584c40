/** Follows many jobs until all have ended: whole lines, each behind its host's name; then one line that says how they ended. */
import type { Job } from '../domain/job.ts'
import { exitStatusOfJob } from '../domain/job.ts'
import { EXIT_CHAP } from '../domain/outcome.ts'
import { problemOfTrouble } from '../library/problem.ts'
import type { JobPaths } from '../spool/layout.ts'
import { type Followed, followJob } from '../watcher/follow.ts'
import type { Context } from './context.ts'
import { announceDisk, announceLink } from './follow-words.ts'
import { type Member, sayEnds, summarize } from './group-summary.ts'
import { openLogSinks } from './log-sinks.ts'
import { exitStatusOfProblem } from './problem.ts'
import { startProgress } from './progress.ts'
import { printJson, say, sayProblem } from './say.ts'
import { recoveryOf } from './secrets.ts'

const EXIT_DETACHED = 130
const EXIT_UNREAD = 141

export interface GroupMember extends Member {
  readonly paths: JobPaths
}

export const attachGroup = async (
  outer: Context,
  members: readonly GroupMember[],
  isJson: boolean,
): Promise<number> => {
  const { context, stop } = startProgress(
    outer,
    members.map(({ paths }) => paths),
    members[0]?.group?.maxParallel ?? null,
  )
  const interrupt = new AbortController()
  const release = context.onSignal(['SIGINT'], () => interrupt.abort())
  const followed = await Promise.all(members.map((member) => follow(context, member, interrupt.signal)))
  release()
  await stop()
  return concludeGroup(outer, members, followed, isJson)
}

const follow = async (context: Context, { id, paths, host }: GroupMember, signal: AbortSignal): Promise<Followed> => {
  const from = { stdout: 0, stderr: 0 }
  const style = { streams: ['stdout', 'stderr'], hasId: true, hasTime: false, isJson: false } as const
  const { sinks, end } = openLogSinks(context, host ?? id, paths, from, style)
  const [sayLink, sayDisk] = [announceLink(context, id, host), announceDisk(context, id)]
  const followed = await followJob(paths, {
    sinks,
    from,
    signal,
    onState: (state) => {
      sayDisk(state)
      sayLink(state)
    },
    ...recoveryOf(context, id, host),
  })
  await end()
  return followed
}

const concludeGroup = async (
  context: Context,
  members: readonly GroupMember[],
  followed: readonly Followed[],
  isJson: boolean,
): Promise<number> => {
  if (followed.some(({ kind }) => kind === 'unread')) return EXIT_UNREAD
  if (followed.some(({ kind }) => kind === 'detached')) {
    const name = members[0]?.group?.id ?? members.map(({ id }) => id).join(' ')
    if (isJson) await context.stderr.write(`${JSON.stringify({ jobs: members.map(({ id }) => id), detached: true })}\n`)
    else await say(context, `detached; ${name} goes on; chap attach ${name}`)
    return EXIT_DETACHED
  }
  const ends = members.map((member, index) => ({ ...member, job: jobOf(followed[index]) }))
  const statuses = ends.map(({ job }) => (job === null ? EXIT_CHAP : (exitStatusOfJob(job) ?? EXIT_CHAP)))
  for (const [index, result] of followed.entries()) {
    if (result.kind === 'ended' || result.kind === 'detached' || result.kind === 'unread') continue
    const id = members[index]?.id ?? ''
    const problem =
      result.kind === 'short'
        ? ({ code: 'short', id, stream: result.stream, missing: result.missing } as const)
        : problemOfTrouble(id, result)
    await sayProblem(context, problem, isJson)
    statuses.push(exitStatusOfProblem(problem))
  }
  if (isJson)
    await printJson(
      { ...context, stdout: context.stderr },
      { jobs: members.map(({ id }) => id), summary: summarize(ends) },
    )
  else await sayEnds(context, ends)
  return Math.max(0, ...statuses)
}

const jobOf = (followed: Followed | undefined): Job | null =>
  followed?.kind === 'ended' || followed?.kind === 'short' ? followed.state.job : null
