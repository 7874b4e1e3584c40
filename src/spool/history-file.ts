/**
 * The spool's `history`: how removed jobs and their runs ended, where that was not well. JSON Lines, appended and fsynced before a job is
 * removed. At a megabyte it becomes `history.1`, in place of the one before, so there are never more than two.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { syncDirectory } from './atomic.ts'
import { historyRecord } from './event-schema.ts'
import { writeAll } from './write-all.ts'

export type HistoryRecord = v.InferOutput<typeof historyRecord>

/** Bytes at which a file is full. */
const FULL = 1_048_576

const pathsOf = (spool: string): { readonly current: string; readonly older: string } => ({
  current: join(spool, 'history'),
  older: join(spool, 'history.1'),
})

export const isHistoryFull = (spool: string): boolean =>
  (statSync(pathsOf(spool).current, { throwIfNoEntry: false })?.size ?? 0) >= FULL

/** Under the spool's lock: of two that find the file full, one renames it. */
export const turnHistoryOver = (spool: string): void => {
  const { current, older } = pathsOf(spool)
  if (isHistoryFull(spool)) renameSync(current, older)
}

/** Whole lines in one write: several may append at once. @throws ErrnoException when it can't be made durable */
export const appendHistory = (spool: string, records: readonly HistoryRecord[]): void => {
  if (records.length === 0) return
  const { current } = pathsOf(spool)
  const fd = openSync(current, 'a', 0o600)
  try {
    // The line that a full disk cut stays by itself.
    writeAll(
      fd,
      Buffer.from(`${endsInLine(current) ? '' : '\n'}${records.map((one) => `${JSON.stringify(one)}\n`).join('')}`),
    )
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  syncDirectory(spool)
}

const endsInLine = (path: string): boolean => {
  const text = readText(path)
  return text === '' || text.endsWith('\n')
}

/** Oldest first. Lines that can't be read are passed over. */
export const readHistory = (spool: string): HistoryRecord[] => {
  const { current, older } = pathsOf(spool)
  return [older, current].flatMap((path) =>
    readText(path)
      .split('\n')
      .flatMap((line) => {
        const parsed = v.safeParse(historyRecord, parseJson(line))
        return parsed.success ? [parsed.output] : []
      }),
  )
}

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
