/** What a full disk means to a chaperone: its records wait, and links are not blamed for what it does to them. */
import type { Event } from '../domain/events.ts'
import type { Fault } from '../domain/fault.ts'
import type { Job } from '../domain/job.ts'
import type { World, Written } from './world.ts'

/** Milliseconds between tries to write a record while that is impossible. */
const WRITE_AGAIN_MS = 1_000

const fullDisk = (evidence: string): Fault => ({ code: 'disk_full', evidence })

/**
 * Nothing that follows a record may happen before it is on disk, however long that takes.
 * @param onFull told that the disk is full; true: the record says so now, and is to be tried again at once
 */
export const writeUntilDone = async (
  world: World,
  record: () => Written,
  onFull: (full: Fault) => boolean,
): Promise<'written' | 'gone' | 'superseded'> => {
  for (let said = ''; ; ) {
    const written = record()
    if (typeof written === 'string') return written
    if ('full' in written && onFull(fullDisk(written.full))) continue
    const why = 'full' in written ? written.full : written.blocked
    if (why !== said) world.note(`the disk does not take it: ${why}`)
    said = why
    await new Promise<void>((resolve) => world.after(WRITE_AGAIN_MS, resolve))
  }
}

/** What is to be said of the disk, if it is not what the job says. */
export const lookForRoom = (world: World, { disk }: Job): readonly Event[] => {
  const full = world.findFull(disk !== null)
  return (full === null) === (disk === null) ? [] : [{ type: 'disk', fault: full === null ? null : fullDisk(full) }]
}

/** What a launcher says that finds no place for its files: here they lie in the spool. */
const NO_PLACE: ReadonlySet<Fault['code']> = new Set(['no_directory', 'remote_disk_full'])

/**
 * A follower that could not write ends like one whose link broke, and a launcher that has no place for its files may have none on
 * this disk.
 */
export const blameDisk = (world: World, { disk }: Job, type: 'lost' | 'failed', fault: Fault): readonly Event[] => {
  const isSuspect =
    type === 'lost' ? fault.code === 'lost' : NO_PLACE.has(fault.code) && world.spec.route.kind === 'local'
  const words = isSuspect ? world.findFull(true) : null
  if (words === null) return [{ type, fault }]
  const full = fullDisk(words)
  return disk === null
    ? [
        { type: 'disk', fault: full },
        { type, fault: full },
      ]
    : [{ type, fault: full }]
}
