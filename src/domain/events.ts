/** What happens to a job, and what its chaperone must do about it. Both are data, so that a simulated world can play them. */
import type { Fault } from './fault.ts'
import type { Fed } from './job.ts'
import type { Report, Sizes } from './report.ts'
import type { Signal } from './signals.ts'
import type { Request } from './spec.ts'

export type Timer = 'retry' | 'grace' | 'look' | 'trying'

export type Event =
  /** A chaperone took the job up: new, or after the death of another. */
  | { readonly type: 'taken' }
  /** A link stands, and this is what it found. */
  | { readonly type: 'connected'; readonly report: Report }
  /** A try to connect failed. */
  | { readonly type: 'failed'; readonly fault: Fault }
  /** The link that stood is gone, with everything that belonged to it. */
  | { readonly type: 'lost'; readonly fault: Fault }
  /** The launcher said, asked or by itself, how the job is. */
  | { readonly type: 'reported'; readonly report: Report }
  | { readonly type: 'asked'; readonly request: Request }
  /** A signal was carried to the command's group; sent: there was somebody to get it. */
  | { readonly type: 'signaled'; readonly signal: Signal; readonly sent: boolean; readonly report: Report }
  /** All output is in the spool, as far as the remote still has it. */
  | { readonly type: 'drained'; readonly sizes: Sizes }
  /** The remote's directory is gone; or (kept) it must stay, since what arrived is not what was written. */
  | { readonly type: 'collected' }
  | { readonly type: 'kept'; readonly evidence: string }
  /** A watcher knocked: do now what would be tried later. */
  | { readonly type: 'knocked' }
  | { readonly type: 'due'; readonly timer: Timer }
  /** The launcher has so much of what its stdin is to get. */
  | { readonly type: 'fed'; readonly has: Fed }
  /** The disk that the spool is on is full; null: there is room again. */
  | { readonly type: 'disk'; readonly fault: Fault | null }

export type Effect =
  /** Write the job's state, durably, before anything that follows. */
  | { readonly type: 'save' }
  | { readonly type: 'connect'; readonly generation: number }
  /** End the link, or the try to open one, and everything that belongs to it. */
  | { readonly type: 'disconnect' }
  /** Have the remote's directory outlive the link. */
  | { readonly type: 'prepare' }
  | { readonly type: 'launch' }
  | { readonly type: 'signal'; readonly signal: Signal }
  /** Ask the launcher how the job is. */
  | { readonly type: 'look' }
  /** Have a series go on whose supervisor is dead. */
  | { readonly type: 'continue' }
  /** Follow the output, without end; as soon as the disk has room. */
  | { readonly type: 'follow' }
  /** The disk has room: follow what was to be followed while it had none. */
  | { readonly type: 'resume' }
  /** Follow it up to these sizes, or until the streams end by themselves, or no further than now; then say so. */
  | { readonly type: 'drain'; readonly upTo: Sizes | 'end' | 'now' }
  /** Compare, make durable, and remove what the remote still holds. */
  | { readonly type: 'collect' }
  /** Have the launcher bring its stdin up to this. */
  | { readonly type: 'feed'; readonly input: Fed }
  | { readonly type: 'after'; readonly timer: Timer; readonly ms: number }
  | { readonly type: 'cancel'; readonly timer: Timer }
  | { readonly type: 'answer'; readonly request: string; readonly result: Answer }
  | { readonly type: 'note'; readonly text: string }
  /** Nothing more to do for this job. */
  | { readonly type: 'leave' }

/** What became of a request. */
export type Answer =
  | 'stopping'
  | 'pending'
  | 'ended'
  | 'accepted'
  /** Its stdin has ended, or was never open. */
  | 'closed'
