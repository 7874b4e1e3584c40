/** Taking a job up: at most one chaperone ever holds a number, and what an older one left behind is ended before anything is done. */
import { existsSync } from 'node:fs'
import { syncDirectory } from '../spool/atomic.ts'
import { claimOwnership, isOwner, listOwners, type Owner, presenceOfOwner, readOwner } from '../spool/chaperones.ts'
import { ownIdentity } from '../spool/identity.ts'
import type { JobPaths } from '../spool/layout.ts'
import { fenceOff } from './fence.ts'

/** The state and the answers that a dead one left can be read, but may not survive a power cut yet: what is done because of them would. */
export const syncRecords = ({ dir, requests }: JobPaths): void => {
  syncDirectory(dir)
  if (existsSync(requests)) syncDirectory(requests)
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export interface Owned {
  /** The number under which this process owns the job. */
  readonly number: number
  readonly previous: Owner | undefined
  /** Does it still, and is it still that job? @throws ErrnoException for what can't be read */
  readonly isOurs: () => boolean
}

/** @returns undefined: another one owns the job */
export const takeUp = async (paths: JobPaths): Promise<Owned | undefined> => {
  const previous = readOwner(paths)
  if (presenceOfOwner(paths, previous) !== 'dead') return undefined
  const own = ownIdentity()
  const number = claimOwnership(paths, previous?.number ?? 0, own, new Date().toISOString())
  if (number === undefined) return undefined
  // All of them: one that died at once may not have ended what the one before it left.
  const earlier = listOwners(paths).filter((owner) => owner.number < number)
  await fenceOff(
    earlier.map(({ identity }) => identity),
    pause,
  )
  return { number, previous, isOurs: () => isOwner(paths, { number, identity: own }) }
}
