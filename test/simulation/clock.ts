// Virtual time: a queue of what is going to happen. Nothing happens by itself, and nothing takes longer than it says.

export interface Clock {
  /** Milliseconds since the world began; never jumps. */
  readonly now: () => number
  /** What the machine believes the time is. */
  readonly wall: () => number
  readonly jump: (ms: number) => void
  /** Runs once after so many milliseconds; @returns how to cancel */
  readonly after: (ms: number, run: () => void) => () => void
  /** Moves on to what happens next, and returns it; undefined: nothing more will. */
  readonly advance: () => (() => void) | undefined
}

interface Entry {
  readonly time: number
  /** Of two at one time, the one that was asked for first. */
  readonly order: number
  run: (() => void) | undefined
}

/** An ordinary day; leap seconds and daylight saving are of no account to UTC milliseconds. */
const EPOCH = Date.UTC(2026, 0, 1)

export const startClock = (): Clock => {
  const heap: Entry[] = []
  let now = 0
  let offset = EPOCH
  let order = 0
  return {
    now: () => now,
    wall: () => Math.floor(offset + now),
    jump: (ms) => {
      offset += ms
    },
    after: (ms, run) => {
      order += 1
      const entry: Entry = { time: now + Math.max(0, ms), order, run }
      push(heap, entry)
      return () => {
        entry.run = undefined
      }
    },
    advance: () => {
      for (let entry = pop(heap); entry !== undefined; entry = pop(heap)) {
        if (entry.run === undefined) continue
        now = entry.time
        return entry.run
      }
      return undefined
    },
  }
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order)

const at = (heap: readonly Entry[], index: number): Entry => heap[index] as Entry

const push = (heap: Entry[], entry: Entry): void => {
  let index = heap.push(entry) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!isBefore(entry, at(heap, parent))) break
    heap[index] = at(heap, parent)
    index = parent
  }
  heap[index] = entry
}

const pop = (heap: Entry[]): Entry | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(at(heap, child + 1), at(heap, child))) child += 1
    if (!isBefore(at(heap, child), last)) break
    heap[index] = at(heap, child)
    index = child
  }
  heap[index] = last
  return first
}
