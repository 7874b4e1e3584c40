/** Input is in the file before the machine hears of it: so one that can't be written now is asked again, and nothing else waits for it. */
import type { Event } from '../domain/events.ts'
import { placeOf } from '../domain/input.ts'
import type { Job } from '../domain/job.ts'
import type { World } from './world.ts'

/** @returns false: the disk is full, or another request has to come first */
export const isStored = (world: World, job: Job, event: Event): boolean => {
  if (event.type !== 'asked' || event.request.kind !== 'input') return true
  const place = placeOf(job, event.request, world.spec)
  return place === null || world.store(event.request, place)
}
