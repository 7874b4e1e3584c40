/**
 * What is sent to a callback's receiver next, and what its answer means. Pure: chaperone/callback performs it. What the receiver has acknowledged
 * may be forgotten, up to all of it: a receiver takes only what lies beyond its own, or says (409) how much it has.
 */
import {
  type CallbackFault,
  type CallbackReply,
  judgeReply,
  type StreamName,
  type StreamSizes,
} from './callback-reply.ts'
import type { Callback } from './spec.ts'

export interface Delivery {
  /** Bytes of each stream that the receiver has said to have. */
  readonly acknowledged: StreamSizes
  /** It knows the end as well: there is nothing left to do. */
  readonly completed: boolean
  /** Tries in a row that came to nothing, and the seconds that they took, with the pauses between them. */
  readonly failures: number
  readonly failing: number
  /** What the last of them met; null: the last try was good. */
  readonly fault: CallbackFault | null
  /** Nothing is tried any more, until somebody asks for it. */
  readonly givenUp: boolean
  /** Bytes to send at once at the most; fewer, where they take too long. */
  readonly limit: number
  readonly last: StreamName
}

/** Bytes: what is held in memory. */
const MOST = 256 * 1024
const LEAST = 4096
/** Seconds that a receiver's Retry-After can put the next try off. */
const LONGEST_PAUSE = 3600

export const newDelivery: Delivery = {
  acknowledged: { stdout: 0, stderr: 0 },
  completed: false,
  failures: 0,
  failing: 0,
  fault: null,
  givenUp: false,
  limit: MOST,
  last: 'stderr',
}

/** Somebody asks for another try. What the last one met is kept until there was one: without failures behind it, it is an old one. */
export const tryAgain = (delivery: Delivery): Delivery => ({
  ...delivery,
  failures: 0,
  failing: 0,
  givenUp: false,
})

export interface Stock {
  /** Bytes of each stream that there are. */
  readonly sizes: StreamSizes
  /** Seconds that the oldest unsent byte of each may have waited. */
  readonly waited: StreamSizes
  /** The job is: there will be no more. */
  readonly isEnded: boolean
}

export type Move =
  | {
      readonly kind: 'send'
      readonly stream: StreamName
      readonly offset: number
      readonly length: number
      /** Of the stream, as far as it is known. */
      readonly total: number
      readonly isFinal: boolean
    }
  | { readonly kind: 'complete'; readonly sizes: StreamSizes }
  /** seconds: null, until there is something new. */
  | { readonly kind: 'wait'; readonly seconds: number | null }
  | { readonly kind: 'over' }

export type Sending = Extract<Move, { readonly kind: 'send' | 'complete' }>

export const nextMove = (
  { acknowledged, completed, givenUp, limit, last }: Delivery,
  { sizes, waited, isEnded }: Stock,
  { outputBuffer, outputLatency }: Pick<Callback, 'outputBuffer' | 'outputLatency'>,
): Move => {
  if (completed || (givenUp && isEnded)) return { kind: 'over' }
  if (givenUp) return { kind: 'wait', seconds: null }
  const pending: number[] = []
  for (const stream of last === 'stdout' ? (['stderr', 'stdout'] as const) : (['stdout', 'stderr'] as const)) {
    const [offset, total] = [acknowledged[stream], sizes[stream]]
    if (offset >= total) continue
    const isDue = isEnded || total - offset >= outputBuffer || waited[stream] >= outputLatency
    if (isDue) return { kind: 'send', stream, offset, length: Math.min(limit, total - offset), total, isFinal: isEnded }
    pending.push(outputLatency - waited[stream])
  }
  if (isEnded) return { kind: 'complete', sizes }
  return { kind: 'wait', seconds: pending.length > 0 ? Math.min(...pending) : null }
}

export interface Tried {
  /** Seconds since the answer before this one, or since the try began, where the one before it was good. */
  readonly elapsed: number
  /** In [0, 1). */
  readonly random: number
}

/** @returns what is so now, and the seconds to pause before the next move */
export const takeReply = (
  before: Delivery,
  move: Sending,
  reply: CallbackReply,
  { elapsed, random }: Tried,
  { retryFrequency, timeout }: Pick<Callback, 'retryFrequency' | 'timeout'>,
): { readonly delivery: Delivery; readonly pause: number } => {
  const delivery = move.kind === 'send' ? { ...before, last: move.stream } : before
  const judged = judgeReply(reply)
  if (judged.kind === 'good') return { delivery: proceed(delivery, move), pause: 0 }
  const failed = {
    ...delivery,
    failures: before.failures + 1,
    failing: before.failing + elapsed,
    fault: judged.fault,
    limit: judged.fault.code === 'timeout' ? Math.max(LEAST, Math.floor(delivery.limit / 2)) : delivery.limit,
  }
  const agreed = judged.kind === 'has' ? beginsAt(move, delivery.acknowledged, judged.has) : undefined
  const known = agreed === undefined ? failed : { ...failed, acknowledged: agreed }
  const isFinal = judged.kind === 'permanent' || known.failing >= timeout
  if (isFinal) return { delivery: { ...known, givenUp: true }, pause: 0 }
  // It said where to go on: at once. One that lost what it had, or whom that did not help, is as any other that fails.
  if (agreed !== undefined && isAhead(agreed, before.acknowledged) && before.failures === 0)
    return { delivery: known, pause: 0 }
  const asked = Math.min(judged.kind === 'later' ? (judged.after ?? 0) : 0, LONGEST_PAUSE)
  const usual = retryFrequency * (0.75 + random / 2)
  // The last try is when the time is over.
  return { delivery: known, pause: Math.min(Math.max(usual, asked), timeout - known.failing) }
}

const proceed = (delivery: Delivery, move: Sending): Delivery => {
  const well = { ...tryAgain(delivery), fault: null, limit: Math.min(MOST, delivery.limit * 2) }
  if (move.kind === 'complete') return { ...well, completed: true }
  return { ...well, acknowledged: { ...delivery.acknowledged, [move.stream]: move.offset + move.length } }
}

/** Where to go on; undefined: it claims what can't be, such as more than there is. */
const beginsAt = (move: Sending, acknowledged: StreamSizes, has: Partial<StreamSizes>): StreamSizes | undefined => {
  const sizes = move.kind === 'send' ? { ...acknowledged, [move.stream]: move.total } : move.sizes
  const next = { ...acknowledged, ...has }
  const isSane = (['stdout', 'stderr'] as const).every(
    (stream) => next[stream] <= Math.max(sizes[stream], acknowledged[stream]),
  )
  return isSane ? next : undefined
}

const isAhead = (agreed: StreamSizes, before: StreamSizes): boolean =>
  agreed.stdout >= before.stdout && agreed.stderr >= before.stderr
