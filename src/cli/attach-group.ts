/** Follows many jobs until all have ended, with their progress on a terminal; then one line that says how they ended. */
import type { Followed, Job, JobView } from '../index.ts'
import { attachMany, type ManyOptions } from './attach-many.ts'
import type { Context } from './context.ts'
import { memberOf, sayEnds } from './group-summary.ts'
import { openJobTerminal } from './job-terminal.ts'
import { startProgress } from './progress.ts'

/** @returns the largest of the jobs' own statuses; 130 when it was interrupted, 141 when nobody reads any more */
export const attachGroup = async (
  context: Context,
  views: readonly JobView[],
  options: ManyOptions,
): Promise<number> => {
  const members = views.map(memberOf)
  const terminal = openJobTerminal(context)
  const stop = startProgress(
    terminal,
    views.map(({ paths }) => paths),
    members[0]?.group?.maxParallel ?? null,
  )
  const ends = new Map<string, Followed>()
  const onFollowed: ManyOptions['onFollowed'] = async ({ id }, followed) => {
    ends.set(id, followed)
  }
  const status = await attachMany(context, views, { ...options, onFollowed }, terminal)
  stop()
  const isOver = ![...ends.values()].some(({ kind }) => kind === 'detached' || kind === 'unread')
  if (isOver && !options.isJson)
    await sayEnds(
      context,
      members.map((member) => ({ ...member, job: jobOf(ends.get(member.id)) })),
    )
  return status
}

/** null: it can't be read how it ended. */
const jobOf = (followed: Followed | undefined): Job | null =>
  followed?.kind === 'ended' || followed?.kind === 'short' ? followed.state.job : null
