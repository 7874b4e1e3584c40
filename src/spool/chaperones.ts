/**
 * Who owns a job. Each chaperone that takes it up claims the next number with a file that can be made only once, so that of any number
 * of takers one wins, whatever a lock file's age says. The owner's identity is the second witness, beside the doorbell.
 */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { claimRecord } from './atomic.ts'
import { probeDoorbell } from './doorbell.ts'
import { type Identity, type Presence, presenceOf } from './identity.ts'
import type { JobPaths } from './layout.ts'
import { readRecord } from './read-record.ts'
import { chaperoneRecord, FORMAT } from './schema.ts'

export interface Owner {
  readonly number: number
  readonly identity: Identity
}

/** The newest owner; undefined: nobody ever took the job up. */
export const readOwner = (paths: JobPaths): Owner | undefined => {
  const number = newestNumber(paths)
  return number === 0 ? undefined : readClaim(paths, number)
}

/** All that ever owned the job, in no order. */
export const listOwners = (paths: JobPaths): Owner[] => listNumbers(paths).map((number) => readClaim(paths, number))

const readClaim = (paths: JobPaths, number: number): Owner => {
  const read = readRecord(join(paths.chaperones, String(number)), chaperoneRecord)
  // Published whole by a link; if it is damaged all the same, it proves no living owner.
  const record = read.ok ? read.value : { host: '', boot_id: '', pid: 0, start_time: '' }
  return {
    number,
    identity: { host: record.host, bootId: record.boot_id, pid: record.pid, startTime: record.start_time },
  }
}

const newestNumber = (paths: JobPaths): number => Math.max(0, ...listNumbers(paths))

const listNumbers = (paths: JobPaths): number[] => {
  try {
    return readdirSync(paths.chaperones)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Is somebody there? The doorbell first: it can't be wrong about the living. */
export const presenceOfOwner = (paths: JobPaths, owner: Owner | undefined): Presence => {
  if (probeDoorbell(paths.doorbell)) return 'alive'
  return owner === undefined ? 'dead' : presenceOf(owner.identity)
}

/**
 * Claims ownership number `previous + 1` for `identity`.
 * @returns the number; undefined: another was faster
 */
export const claimOwnership = (
  paths: JobPaths,
  previous: number,
  identity: Identity,
  now: string,
): number | undefined => {
  mkdirSync(paths.chaperones, { mode: 0o700, recursive: true })
  const { host, bootId, pid, startTime } = identity
  const record = { format: FORMAT, host, boot_id: bootId, pid, start_time: startTime, time: now }
  const number = previous + 1
  return claimRecord(join(paths.chaperones, String(number)), `${JSON.stringify(record)}\n`, paths.spares)
    ? number
    : undefined
}

/**
 * Is it still the owner? A chaperone that was stopped for long asks this before it acts. The number alone does not say so: the job may have been
 * removed, and another one lie there now under the same id.
 * @throws ErrnoException for what can't be read
 */
export const isOwner = (paths: JobPaths, { number, identity }: Owner): boolean => {
  if (newestNumber(paths) !== number) return false
  const read = readRecord(join(paths.chaperones, String(number)), chaperoneRecord)
  // Damaged, it says nothing of another.
  if (!read.ok) return read.fault.code !== 'missing'
  const { host, boot_id, pid, start_time } = read.value
  return (
    pid === identity.pid && start_time === identity.startTime && boot_id === identity.bootId && host === identity.host
  )
}
