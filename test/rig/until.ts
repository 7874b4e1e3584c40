// Wait for a real condition: look again every few milliseconds, and say what was seen last when time is up.
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

type Truthy<T> = Exclude<T, false | 0 | 0n | '' | null | undefined>

export interface UntilOptions {
  /** Milliseconds, from now, after which waiting is an error. */
  readonly deadline: number
  /** What is waited for, for the error message. */
  readonly what?: string
  /** Milliseconds between two looks. */
  readonly every?: number
}

/** Look until what is seen is truthy, and return it. A look that throws only means: not yet. */
export async function until<T>(look: () => T | Promise<T>, options: UntilOptions): Promise<Truthy<T>> {
  // Boolean() is the definition of Truthy, which the compiler cannot know.
  return (await untilSeen(look, Boolean, options)) as Truthy<T>
}

/** Look until what is seen is as wanted, and return it. Prefer this to `until`: its error shows the value. */
export async function untilSeen<T>(
  look: () => T | Promise<T>,
  isWanted: (seen: T) => boolean,
  { deadline, what = 'the condition', every = 5 }: UntilOptions,
): Promise<T> {
  const start = performance.now()
  for (;;) {
    let last: unknown
    try {
      const seen = await look()
      if (isWanted(seen)) return seen
      last = seen
    } catch (error) {
      last = error
    }
    if (performance.now() - start >= deadline) {
      throw new Error(`waited ${deadline} ms for ${what}; last seen: ${inspect(last, { depth: 4 })}`)
    }
    await pause(every)
  }
}
