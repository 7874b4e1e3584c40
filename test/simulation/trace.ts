// What happened last: kept as a ring, put into words only when somebody wants to read it.

const KEPT = 120

export interface Trace {
  readonly note: (time: number, ...words: readonly (string | number)[]) => void
  readonly show: () => string
}

export const startTrace = (): Trace => {
  const ring: (readonly (string | number)[])[] = []
  let count = 0
  return {
    note: (...line) => {
      ring[count % KEPT] = line
      count += 1
    },
    show: () =>
      Array.from(
        { length: Math.min(count, KEPT) },
        (_, index) => ring[(Math.max(0, count - KEPT) + index) % KEPT] ?? [],
      )
        .map(([time, ...words]) => `${(Number(time) / 1000).toFixed(3).padStart(10)}  ${words.join(' ')}`)
        .join('\n'),
  }
}
