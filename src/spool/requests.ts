/** Requests: files that ask the chaperone to act. Accepted means: on disk. The answer lies beside it, for ever. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type * as v from 'valibot'
import type { Answer } from '../domain/events.ts'
import type { Request } from '../domain/spec.ts'
import { writeRecord } from './atomic.ts'
import type { JobPaths } from './layout.ts'
import { type Read, type ReadFault, readRecord } from './read-record.ts'
import { answerRecord, FORMAT, requestRecord } from './schema.ts'

const ASKED = /^(.+)\.json$/

/** @throws ErrnoException when it can't be made durable: then it is not accepted */
export const putRequest = ({ requests, spares }: JobPaths, request: Request): void => {
  const { id, ...rest } = request
  writeRecord(join(requests, `${id}.json`), `${JSON.stringify({ format: FORMAT, ...rest })}\n`, spares)
}

/** A name that is unique, and sorts by time. */
export const newRequestId = (now: Date, random: string): string =>
  `${now.toISOString().replace(/[:.]/g, '-')}-${random}`

export interface OpenRequests {
  /** Not answered yet, oldest first. */
  readonly requests: readonly Request[]
  /** Files that can't be understood, by id: they are answered `invalid`, and stay for a person to see. */
  readonly invalid: ReadonlyMap<string, ReadFault>
}

export const readOpenRequests = (dir: string): OpenRequests => {
  const names = listNames(dir).sort()
  const answered = new Set(names.filter((name) => name.endsWith('.answer')))
  const requests: Request[] = []
  const invalid = new Map<string, ReadFault>()
  for (const name of names) {
    const id = ASKED.exec(name)?.[1]
    if (id === undefined || answered.has(`${id}.answer`)) continue
    const read = readRecord(join(dir, name), requestRecord)
    if (read.ok) requests.push(requestOf(id, read.value))
    else if (read.fault.code !== 'missing') invalid.set(id, read.fault)
  }
  return { requests, invalid }
}

const listNames = (dir: string): string[] => {
  try {
    return readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] // deleted: then nothing is asked
    throw error
  }
}

const requestOf = (id: string, record: v.InferOutput<typeof requestRecord>): Request => {
  const { format: _, ...rest } = record
  return { id, ...rest }
}

export const putAnswer = (
  { requests, spares }: JobPaths,
  id: string,
  result: Answer | 'invalid',
  time: string,
): void => {
  writeRecord(join(requests, `${id}.answer`), `${JSON.stringify({ format: FORMAT, result, time })}\n`, spares)
  // Input that was accepted is in the file `stdin`. If a crash keeps this, it is the one that was counted last.
  if (result === 'accepted') rmSync(join(requests, `${id}.json`), { force: true })
}

/** For whoever sent input, and knows what became of it: nobody else waits for it. */
export const dropInput = (dir: string, id: string): void => {
  for (const kind of ['json', 'answer']) rmSync(join(dir, `${id}.${kind}`), { force: true })
}

export const readAnswer = (dir: string, id: string): Read<v.InferOutput<typeof answerRecord>> =>
  readRecord(join(dir, `${id}.answer`), answerRecord)
