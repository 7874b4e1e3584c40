/** What was asked of the job: each request is taken once. */
import type { Event } from '../domain/events.ts'
import type { World } from './world.ts'

interface Requests {
  /** Looks for new ones, and hands them on. */
  readonly take: () => void
  /** One could not be dealt with: the next look finds it again. */
  readonly putBack: (id: string) => void
}

export const startRequests = (world: World, dispatch: (event: Event) => void): Requests => {
  const taken = new Set<string>()
  return {
    take: () => {
      for (const request of world.readRequests().filter(({ id }) => !taken.has(id))) {
        taken.add(request.id)
        dispatch({ type: 'asked', request })
      }
    },
    putBack: (id) => taken.delete(id),
  }
}
