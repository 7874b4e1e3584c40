/** What an answer of a callback's receiver means. */

export type StreamName = 'stdout' | 'stderr'
export type StreamSizes = Readonly<Record<StreamName, number>>

/** Why the receiver does not have what it is to have. */
export interface CallbackFault {
  readonly code: 'refused' | 'unavailable' | 'unreachable' | 'tls' | 'timeout' | 'lost' | 'redirect' | 'disagrees'
  readonly evidence: string
}

export type CallbackReply =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** What it says to have: of the stream that was sent; of both where the end was. */
      readonly has: Partial<StreamSizes>
      /** Seconds of its Retry-After. */
      readonly retryAfter: number | null
      /** Never what it said itself: that might have the token in it. */
      readonly evidence: string
    }
  /** There was no answer. */
  | { readonly kind: 'failed'; readonly fault: CallbackFault }

export type Judged =
  | { readonly kind: 'good' }
  /** It has so much, and wants what follows. */
  | { readonly kind: 'has'; readonly has: Partial<StreamSizes>; readonly fault: CallbackFault }
  | { readonly kind: 'later'; readonly after: number | null; readonly fault: CallbackFault }
  | { readonly kind: 'permanent'; readonly fault: CallbackFault }

/** Not now: a timeout, too early, too many. */
const LATER = [408, 425, 429]

export const judgeReply = (reply: CallbackReply): Judged => {
  if (reply.kind === 'failed')
    return reply.fault.code === 'redirect'
      ? { kind: 'permanent', fault: reply.fault }
      : { kind: 'later', after: null, fault: reply.fault }
  const { status, has, retryAfter: after, evidence } = reply
  if (status >= 200 && status < 300) return { kind: 'good' }
  if (status === 409 && Object.keys(has).length > 0) return { kind: 'has', has, fault: { code: 'disagrees', evidence } }
  if (status >= 500 || LATER.includes(status)) return { kind: 'later', after, fault: { code: 'unavailable', evidence } }
  return { kind: 'permanent', fault: { code: 'refused', evidence } }
}
