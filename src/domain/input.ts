/** Moves that bring input to a command whose stdin stays open. What was accepted is on disk, and gets there once. */
import type { Effect } from './events.ts'
import type { Fed, Input, Job } from './job.ts'
import type { Request, Spec } from './spec.ts'
import { next, type Transition } from './transition.ts'

export type InputRequest = Extract<Request, { kind: 'input' }>

const NONE: Input = { size: 0, eof: false, delivered: 0, last: null }

export const inputOf = ({ input }: Pick<Job, 'input'>): Input => input ?? NONE

/** Bytes of a request's data, which is base64. */
const lengthOf = ({ data }: InputRequest): number =>
  Math.floor((data.length * 3) / 4) - (data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0)

/** What becomes of the request: stored means that its bytes are to be in the file before it is taken. */
const judge = (job: Job, { id }: InputRequest, { stdinOpen }: Pick<Spec, 'stdinOpen'>) => {
  const { last, eof } = inputOf(job)
  if (id === last) return 'counted'
  if (job.phase === 'ended' || job.ending !== null) return 'ended'
  return eof || !stdinOpen ? 'closed' : 'stored'
}

/** Where in the file its bytes belong; null: nowhere, since it is not taken, or was. */
export const placeOf = (job: Job, request: InputRequest, spec: Pick<Spec, 'stdinOpen'>): number | null =>
  judge(job, request, spec) === 'stored' ? inputOf(job).size : null

/** Takes a request whose bytes are in the file. It is in the saved state before it is answered. */
export const takeInput = (job: Job, request: InputRequest, spec: Pick<Spec, 'stdinOpen'>): Transition => {
  const judged = judge(job, request, spec)
  if (judged !== 'stored')
    return next(job, { type: 'answer', request: request.id, result: judged === 'counted' ? 'accepted' : judged })
  const before = inputOf(job)
  const input = { ...before, size: before.size + lengthOf(request), eof: request.eof, last: request.id }
  const taken = { ...job, input }
  return next(taken, { type: 'save' }, ...(job.phase === 'running' && job.link.status === 'up' ? feed(taken) : []), {
    type: 'answer',
    request: request.id,
    result: 'accepted',
  })
}

/** For a new link: what it is to bring there. */
export const feed = ({ input }: Job): readonly Effect[] => (input === null ? [] : [{ type: 'feed', input }])

/** The launcher has so much. The state says so when it has all. */
export const fed = (job: Job, { size }: Fed): Transition => {
  const { input } = job
  if (input === null || size <= input.delivered) return next(job)
  const told = { ...job, input: { ...input, delivered: size } }
  return size < input.size ? next(told) : next(told, { type: 'save' })
}
