// All chance of a simulated world: one stream of numbers from one seed.

export interface Random {
  /** In [0, 1). */
  readonly next: () => number
  /** A whole number in [0, below). */
  readonly int: (below: number) => number
  /** In [low, high). */
  readonly between: (low: number, high: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <T>(from: readonly T[]) => T
}

/** sfc32, its state filled from the seed by splitmix32. */
export const startRandom = (seed: number): Random => {
  let filling = seed | 0
  const fill = (): number => {
    filling = (filling + 0x9e3779b9) | 0
    let word = filling ^ (filling >>> 16)
    word = Math.imul(word, 0x21f0aaad)
    word ^= word >>> 15
    word = Math.imul(word, 0x735a2d97)
    return word ^ (word >>> 15)
  }
  let a = fill()
  let b = fill()
  let c = fill()
  let count = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i += 1) next()
  const int = (below: number): number => Math.floor(next() * below)
  return {
    next,
    int,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: (from) => {
      const picked = from[int(from.length)]
      if (picked === undefined) throw new RangeError('nothing to pick from')
      return picked
    },
  }
}
