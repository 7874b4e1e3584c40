/** A heap: of many things that wait, the one that is first. A sorted array of ten thousand would be copied at each change. */

export interface Earliest<T> {
  readonly add: (item: T) => void
  /** The first one, which leaves it. */
  readonly take: () => T | undefined
  readonly peek: () => T | undefined
}

/** @param isBefore of two that are equal neither is; they come in any order */
export const openEarliest = <T>(isBefore: (one: T, other: T) => boolean): Earliest<T> => {
  const items: T[] = []
  const isAhead = (one: number, other: number): boolean => {
    const [a, b] = [items[one], items[other]]
    return a !== undefined && b !== undefined && isBefore(a, b)
  }
  const swap = (one: number, other: number): void => {
    const [a, b] = [items[one], items[other]]
    if (a === undefined || b === undefined) return
    items[one] = b
    items[other] = a
  }
  return {
    peek: () => items[0],
    add: (item) => {
      items.push(item)
      for (let at = items.length - 1, above = (at - 1) >> 1; at > 0 && isAhead(at, above); above = (at - 1) >> 1) {
        swap(at, above)
        at = above
      }
    },
    take: () => {
      const [first] = items
      const last = items.pop()
      if (items.length === 0 || last === undefined) return first
      items[0] = last
      for (let at = 0, next = 0; ; at = next) {
        for (const below of [2 * at + 1, 2 * at + 2]) if (isAhead(below, next)) next = below
        if (next === at) return first
        swap(at, next)
      }
    },
  }
}
