/** Timers by name: setting one anew cancels the one before. */
import type { Timer } from '../domain/events.ts'
import type { World } from './world.ts'

type Name = Timer | 'beat'

interface Timers {
  readonly set: (name: Name, ms: number, callback: () => void) => void
  readonly cancel: (name: Name) => void
  readonly cancelAll: () => void
}

export const startTimers = (world: World): Timers => {
  const cancels = new Map<Name, () => void>()
  const cancel = (name: Name): void => {
    cancels.get(name)?.()
    cancels.delete(name)
  }
  return {
    set: (name, ms, callback) => {
      cancel(name)
      cancels.set(name, world.after(ms, callback))
    },
    cancel,
    cancelAll: () => {
      for (const name of [...cancels.keys()]) cancel(name)
    },
  }
}
