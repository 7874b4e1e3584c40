/** The job's log: what happened to it, for people. */
import type { Event } from '../domain/events.ts'
import type { Job } from '../domain/job.ts'
import type { World } from './world.ts'

export const noteMove = (world: World, before: Job, event: Event, after: Job): void => {
  const fault = 'fault' in event && event.fault !== null ? ` (${event.fault.code}: ${event.fault.evidence})` : ''
  const report = 'report' in event ? ` (${event.report.kind})` : ''
  const quiet = event.type === 'due' || event.type === 'knocked'
  if (before.phase !== after.phase || !quiet)
    world.note(
      `${event.type}${fault}${report}: ${before.phase === after.phase ? '' : `${before.phase} -> `}${after.phase}`,
    )
}

export const noteLeaving = (world: World, why: 'gone' | 'superseded'): void =>
  world.note(why === 'gone' ? "the job's files were deleted here; leaving" : 'another chaperone owns this job; leaving')

/** What ssh, or another way to a machine, says by itself. */
export const noteWords = (world: World, line: string): void =>
  world.note(`${world.spec.route.kind === 'hops' ? 'hop' : 'ssh'}: ${line}`)
