/** The command of --on-exit on disk: a claim that is made once, before it is run, and the record of its end. */
import type { OnExitEnd } from '../domain/job-events.ts'
import { claimRecord, writeRecord } from './atomic.ts'
import { type OnExitRecord, onExitClaimRecord, onExitRecord } from './event-schema.ts'
import type { JobPaths } from './layout.ts'
import { type Read, readRecord } from './read-record.ts'
import { FORMAT } from './schema.ts'

/** missing: it did not end yet, or nobody recorded its end. */
export const readOnExit = ({ onExit: path }: JobPaths): Read<OnExitRecord> => {
  try {
    return readRecord(path, onExitRecord)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return { ok: false, fault: { code: 'damaged', path, detail: message } }
  }
}

/** When somebody began to run it; null: nobody did, or that can't be read. */
export const readOnExitStart = (paths: JobPaths): string | null => {
  const read = readRecord(paths.onExitClaim, onExitClaimRecord)
  return read.ok ? read.value.time : null
}

/**
 * @param chaperone the number of the one that is about to run it
 * @returns false: another one did, and died over it
 * @throws ErrnoException (ENOSPC, ENOENT, ...): it is not to be run now
 */
export const claimOnExit = (paths: JobPaths, chaperone: number, time: string): boolean =>
  claimRecord(paths.onExitClaim, `${JSON.stringify({ format: FORMAT, chaperone, time })}\n`, paths.spares)

/** @throws ErrnoException as writeRecord does */
export const writeOnExit = (paths: JobPaths, end: Omit<OnExitRecord, 'format'>): void =>
  writeRecord(paths.onExit, `${JSON.stringify({ format: FORMAT, ...end })}\n`, paths.spares)

/** Without its times. */
export const endOfOnExit = ({ result, exit_status, signal, message }: OnExitRecord): OnExitEnd => ({
  result,
  exit_status,
  signal,
  message,
})
