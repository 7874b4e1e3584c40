// What a measurement comes to: rows with all their samples and what was promised, and curves of how a cost grows with its work.

export type Unit = 's' | 'ms' | 'MiB' | 'KiB' | '%' | 'lines/s' | 'x' | ''

/** What was promised of a figure, and what it was. `most`: no more than the limit; `least`: no less. */
export interface Verdict {
  readonly figure: number
  readonly unit: Unit
  /** Against what, in words: `of the speed of cat`. */
  readonly against: string
  readonly sense: 'most' | 'least'
  readonly limit: number
}

/** By whom: one sample for each round, or for each of many equal things. */
export type Samples = Readonly<Record<string, readonly number[]>>

/** The same work in an earlier run. */
export interface Before {
  /** RFC 3339, when that run began. */
  readonly time: string
  /** chap's median, in the row's unit. */
  readonly chap: number
  /** What it came to beside the rival of that run; null: nothing was promised. */
  readonly figure: number | null
}

export interface Row {
  readonly work: string
  readonly unit: Unit
  readonly chap: readonly number[]
  readonly rivals: Samples
  /** null: to show what it is, nothing was promised. */
  readonly verdict: Verdict | null
  readonly note?: string
  /** What it was in an earlier run. */
  readonly before?: Before
}

export interface Point {
  readonly x: number
  readonly samples: Samples
}

export interface Curve {
  readonly work: string
  readonly x: string
  readonly unit: Unit
  readonly points: readonly Point[]
}

export interface Result {
  readonly rows: readonly Row[]
  readonly curves?: readonly Curve[]
}

/** The value below which the share `q` of the sorted values lies. */
export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const isMet = ({ figure, sense, limit }: Verdict): boolean =>
  sense === 'most' ? figure <= limit : figure >= limit

/** chap may take so many times as long as the rival. */
export const timesOf = (
  chap: readonly number[],
  rival: readonly number[],
  limit: number,
  against: string,
): Verdict => ({ figure: median(chap) / median(rival), unit: 'x', against, sense: 'most', limit })

/** chap has at least this share of the rival's speed; both are times. */
export const speedOf = (
  chap: readonly number[],
  rival: readonly number[],
  limit: number,
  against: string,
): Verdict => ({
  figure: median(rival) / median(chap),
  unit: 'x',
  against: `of the speed of ${against}`,
  sense: 'least',
  limit,
})

/** chap may come so much later than the rival. */
export const laterBy = (
  chap: readonly number[],
  rival: readonly number[],
  limit: number,
  against: string,
): Verdict => ({
  figure: median(chap) - median(rival),
  unit: 'ms',
  against: `later than ${against}`,
  sense: 'most',
  limit,
})

export const atMost = (figure: number, limit: number, unit: Unit, against = ''): Verdict => ({
  figure,
  unit,
  against,
  sense: 'most',
  limit,
})
