/**
 * A job's `events`: JSON Lines, one for each change of the job, appended by whoever owns it. Readers pass over lines that they can't
 * read: a newer version's, and one that was torn when the disk was full.
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import type { JobEvent } from '../domain/job-events.ts'
import { eventRecord } from './event-schema.ts'

/** An event as it lies in the file. time: when it was written there, RFC 3339. */
export type EventRecord = JobEvent & { readonly time: string }

export const formatEvent = (event: JobEvent, time: string): string => `${JSON.stringify({ time, ...event })}\n`

/** Whole lines only. */
export const parseEvents = (text: string): EventRecord[] =>
  text.split('\n').flatMap((line) => {
    const parsed = v.safeParse(eventRecord, parseJson(line))
    return parsed.success ? [parsed.output] : []
  })

/** An event that a newer chap may have written: what all of them have. */
export interface AnyEvent {
  readonly time: string
  readonly event: string
  readonly [field: string]: unknown
}

/** undefined: it is none. */
export const parseAnyEvent = (line: string): AnyEvent | undefined => {
  const json = parseJson(line)
  if (typeof json !== 'object' || json === null || !('time' in json) || !('event' in json)) return undefined
  const { time, event } = json
  if (typeof time !== 'string' || typeof event !== 'string' || Number.isNaN(Date.parse(time))) return undefined
  return { ...json, time, event }
}

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** All of the file; nothing where there is none: an older chap wrote none. */
export const readEventText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    throw error
  }
}
