/**
 * Tells the job's events: appends to its file what the state on disk says and the file does not. Always behind the state: what dies in
 * between is told by the next chaperone, which reads the file first.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Delivery } from '../domain/callback.ts'
import type { Job } from '../domain/job.ts'
import {
  hearEvent,
  type JobEvent,
  nothingTold,
  type OnExitEnd,
  tellChanges,
  tellDelivery,
} from '../domain/job-events.ts'
import { formatEvent, parseEvents, readEventText } from '../spool/event-file.ts'

export interface Telling {
  /** Tells what is new. @param job as it is on disk */
  readonly tell: (job: Job) => void
  /** Tells how the command of --on-exit ended, unless that was told. */
  readonly tellOnExit: (end: OnExitEnd) => void
  /** Tells that the callback is delivered, or was given up, unless that was told. @param delivery as it is on disk */
  readonly tellDelivery: (delivery: Delivery) => void
}

/**
 * @param path the job's `events`
 * @param owner the number of this chaperone
 * @throws ErrnoException when the file is there and can't be read
 */
export const startTelling = (path: string, owner: number, now: () => string): Telling => {
  const text = readEventText(path)
  let told = parseEvents(text).reduce(hearEvent, nothingTold)
  // A line that its writer could not finish is left as it is, and passed over.
  let pending: Buffer = Buffer.from(text === '' || text.endsWith('\n') ? '' : '\n')

  const add = (events: readonly JobEvent[]): void => {
    told = events.reduce(hearEvent, told)
    const lines = events.map((event) => formatEvent(event, now())).join('')
    pending = appendSome(path, Buffer.concat([pending, Buffer.from(lines)]))
  }
  return {
    tell: (job) => add(tellChanges(told, job, owner)),
    tellOnExit: (end) => add(told.kinds.has('on_exit_ended') ? [] : [{ event: 'on_exit_ended', ...end }]),
    tellDelivery: (delivery) => add(tellDelivery(told, delivery)),
  }
}

/** @returns what could not be written: a full disk takes it later, and a line goes on where it was cut */
const appendSome = (path: string, bytes: Buffer): Buffer => {
  let left = bytes
  if (left.length === 0) return left
  try {
    const fd = openSync(path, 'a', 0o600)
    try {
      while (left.length > 0) left = left.subarray(writeSync(fd, left))
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    // What the system refuses (a full disk, a deleted directory) has its say where the state is written.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
  }
  return left
}
