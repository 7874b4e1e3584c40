/** What became of a job's callback. */
import { readDelivery } from '../spool/callback.ts'
import type { DeliveryRecord } from '../spool/callback-schema.ts'
import { type JobView, lookForOwner } from './job-view.ts'

/** record: null, before anything was sent, or where it can't be read. */
export interface CallbackView {
  /**
   * pending: the receiver is to get more, or is tried again. left: the same, and the job has ended, but nobody is there to do it. undelivered: it
   * was given up.
   */
  readonly kind: 'pending' | 'left' | 'delivered' | 'undelivered'
  readonly record: DeliveryRecord | null
}

/** null: the job has none, or can't be read. */
export const viewCallback = ({ spec, state, paths }: JobView): CallbackView | null => {
  if (!spec.ok || spec.value.callback === null) return null
  const read = readDelivery(paths)
  const record = read.ok ? read.value : null
  if (record !== null && record.result !== 'pending') return { kind: record.result, record }
  const isEnded = state.ok && state.value.job.phase === 'ended'
  return { kind: isEnded && lookForOwner(paths).presence === 'dead' ? 'left' : 'pending', record }
}
