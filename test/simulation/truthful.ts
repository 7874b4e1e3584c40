// Is what chap says of a job's end true of what happened?
import { outcomeOfStatus } from '../../src/domain/outcome.ts'
import type { Limits } from '../../src/domain/spec.ts'
import type { StateRecord } from '../../src/spool/schema.ts'
import type { Truth } from './truth.ts'

export interface Circumstances {
  /** Was the job asked to stop? */
  readonly stops: boolean
  /** Faults that can't be mended, which a link met. */
  readonly permanent: ReadonlySet<string>
  readonly limits: Limits
  /** Milliseconds since the job was made. */
  readonly age: number
}

/** @returns what is wrong with it; undefined: it is true */
export const findEndingFault = (
  { outcome, status, ended_by }: StateRecord,
  truth: Truth,
  { stops, permanent, limits, age }: Circumstances,
): string | undefined => {
  if (outcome === null) return 'ended, and no outcome'
  const wrong = (what: string): string => `${JSON.stringify(outcome)}, but ${what}`
  switch (outcome.kind) {
    case 'exited':
    case 'signaled': {
      if (truth.series !== null) return findSeriesFault(truth.series, outcome, ended_by)
      if (truth.status === null) return wrong('the command has not ended')
      const { kind, ...rest } = outcomeOfStatus(truth.status)
      const { kind: said, ...saidRest } = outcome
      if (kind !== said || JSON.stringify(rest) !== JSON.stringify(saidRest) || status !== truth.status)
        return wrong(`its status was ${truth.status}`)
      const timer = ended_by === 'exit' || ended_by === 'kill' ? null : ended_by
      if (timer !== truth.expired) return wrong(`${ended_by} is told, and the timer was ${truth.expired}`)
      return isEarly(truth, limits) ? wrong(`its ${timer} ended it early`) : undefined
    }
    case 'refused':
      if (truth.begun > 0) return wrong('the command began')
      if (outcome.reason === 'stopped') return stops ? undefined : wrong('nobody stopped it')
      if (outcome.reason === 'launch_interrupted')
        return truth.supervisorDied || truth.reboots > 0 ? undefined : wrong('no launch was interrupted')
      if (outcome.reason === 'gave_up') return isTooEager(limits, age) ? wrong('there was time left') : undefined
      return permanent.has(outcome.reason) ? undefined : wrong('no link met that')
    case 'unknown':
      if (outcome.reason === 'gave_up') return isTooEager(limits, age) ? wrong('there was time left') : undefined
      if (truth.series !== null && outcome.reason !== 'directory_gone') return wrong('a series goes on')
      return isExplained(outcome.reason, truth) ? undefined : wrong('that is not why')
  }
}

const findSeriesFault = (
  { end }: NonNullable<Truth['series']>,
  outcome: NonNullable<StateRecord['outcome']>,
  by: StateRecord['ended_by'],
): string | undefined => {
  const said = `${JSON.stringify(outcome)} by ${by}`
  if (end === null) return `${said}, but the series has not ended`
  if (outcome.kind !== 'exited' || outcome.code !== (end.status & 255))
    return `${said}, but its status is ${end.status}`
  return by === end.why || (by === 'kill' && end.why === 'exit') ? undefined : `${said}, but it ended by ${end.why}`
}

const isEarly = (truth: Truth, { timeout, idleTimeout, maxOutput }: Limits): boolean => {
  const { expired, expiredAt, expiredWith, begunAt, wroteAt } = truth
  if (expired === 'timeout') return timeout === null || expiredAt - begunAt < timeout * 1000
  if (expired === 'max_output') return maxOutput === null || expiredWith <= maxOutput
  return expired === 'idle' && (idleTimeout === null || expiredAt - wroteAt < idleTimeout * 1000)
}

const isTooEager = ({ giveUpAfter }: Limits, age: number): boolean => giveUpAfter === null || age < giveUpAfter * 1000

const isExplained = (reason: string, truth: Truth): boolean => {
  switch (reason) {
    case 'rebooted':
      return truth.reboots > 0
    case 'supervisor_died':
      return truth.supervisorDied
    case 'directory_gone':
      return truth.deletions > 0
    default:
      return false
  }
}
