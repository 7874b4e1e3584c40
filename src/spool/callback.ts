/** A callback on disk: how far its delivery is, its token, and that somebody asks for another try. */
import { readFileSync, rmSync, statSync } from 'node:fs'
import { type Delivery, newDelivery } from '../domain/callback.ts'
import { writeRecord } from './atomic.ts'
import { type DeliveryRecord, deliveryRecord } from './callback-schema.ts'
import type { JobPaths } from './layout.ts'
import { type Read, readRecord } from './read-record.ts'
import { FORMAT } from './schema.ts'

/** missing: nothing was sent yet. */
export const readDelivery = ({ callback: path }: Pick<JobPaths, 'callback'>): Read<DeliveryRecord> => {
  try {
    return readRecord(path, deliveryRecord)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return { ok: false, fault: { code: 'damaged', path, detail: message } }
  }
}

/** Of what can't be read nothing is known to be acknowledged: the receiver says what it has. */
export const deliveryOf = (read: Read<DeliveryRecord>): Delivery => {
  if (!read.ok) return newDelivery
  const { result, stdout, stderr, failures, failing, fault } = read.value
  return {
    ...newDelivery,
    acknowledged: { stdout, stderr },
    completed: result === 'delivered',
    ...{ failures, failing, fault },
    givenUp: result === 'undelivered',
  }
}

/**
 * @param nextTry null: at once, or never
 * @throws ErrnoException as writeRecord does
 */
export const writeDelivery = (
  { callback }: Pick<JobPaths, 'callback'>,
  { acknowledged, completed, givenUp, failures, failing, fault }: Delivery,
  nextTry: string | null,
  now: string,
): void => {
  const record: DeliveryRecord = {
    format: FORMAT,
    result: completed ? 'delivered' : givenUp ? 'undelivered' : 'pending',
    ...acknowledged,
    failures,
    failing: Math.round(failing * 1000) / 1000,
    fault,
    next_try: nextTry,
    updated: now,
  }
  writeRecord(callback, `${JSON.stringify(record)}\n`, null)
}

/** null: there is none, or it was removed since all is delivered. @throws ErrnoException for what can't be read */
export const readToken = ({ callbackToken }: Pick<JobPaths, 'callbackToken'>): string | null => {
  try {
    return readFileSync(callbackToken, 'utf8').trimEnd()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export const hasToken = ({ callbackToken }: Pick<JobPaths, 'callbackToken'>): boolean =>
  statSync(callbackToken, { throwIfNoEntry: false }) !== undefined

export const removeToken = ({ callbackToken }: Pick<JobPaths, 'callbackToken'>): void =>
  rmSync(callbackToken, { force: true })

/** On disk before it is carried out, as any request is. */
export const askAgain = ({ callbackAgain }: Pick<JobPaths, 'callbackAgain'>): void =>
  writeRecord(callbackAgain, '', null)

export const isAskedAgain = ({ callbackAgain }: Pick<JobPaths, 'callbackAgain'>): boolean =>
  statSync(callbackAgain, { throwIfNoEntry: false }) !== undefined

/** When what follows from it is on disk. */
export const takeAskedAgain = ({ callbackAgain }: Pick<JobPaths, 'callbackAgain'>): void =>
  rmSync(callbackAgain, { force: true })
