/** What became of a job's callback. */
import { hasToken, readDelivery } from '../spool/callback.ts'
import type { DeliveryRecord } from '../spool/callback-schema.ts'
import type { JobPaths } from '../spool/layout.ts'
import { readSpec } from '../spool/spec.ts'
import { type JobView, lookForOwner } from './job-view.ts'

/** record: null, before anything was sent, or where it can't be read. */
export interface CallbackView {
  /**
   * pending: the receiver is to get more, or is tried again. left: the job has ended, and nobody is there to do what is left. undelivered: it
   * was given up.
   */
  readonly kind: 'pending' | 'left' | 'delivered' | 'undelivered'
  readonly record: DeliveryRecord | null
}

/** Its receiver may still get more: one that was given up, too, when somebody asks for it. */
export const isCallbackOpen = (paths: JobPaths): boolean => {
  const spec = readSpec(paths.spec)
  if (!spec.ok || spec.value.callback === null) return false
  const read = readDelivery(paths)
  return !read.ok || read.value.result !== 'delivered'
}

/** null: the job has none, or can't be read. */
export const viewCallback = ({
  spec,
  state,
  paths,
}: Pick<JobView, 'spec' | 'state' | 'paths'>): CallbackView | null => {
  if (!spec.ok || spec.value.callback === null) return null
  const read = readDelivery(paths)
  const record = read.ok ? read.value : null
  const isEnded = state.ok && state.value.job.phase === 'ended'
  // One that died over the last of it left the token.
  const isOpen = record === null || record.result === 'pending' || (record.result === 'delivered' && hasToken(paths))
  if (isOpen && isEnded && lookForOwner(paths).presence === 'dead') return { kind: 'left', record }
  return { kind: record?.result ?? 'pending', record }
}
