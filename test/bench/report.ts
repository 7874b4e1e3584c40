// All that one run of the bench says, as it is kept: test/bench/results/DATE.json.
import type { MachineLine } from './machine-line.ts'
import { type Curve, isMet, median, type Point, type Row, type Samples } from './row.ts'

export interface Measured {
  readonly name: string
  /** Seconds that it took to measure. */
  readonly took: number
  /** When it began. */
  readonly load: number
  readonly rows: readonly Row[]
  readonly curves: readonly Curve[]
  /** Why there are no figures. */
  readonly failure: string | null
}

export interface Report {
  readonly version: 1
  /** RFC 3339, when it began. */
  readonly time: string
  readonly seconds: number
  readonly rounds: number
  readonly quick: boolean
  readonly machine: MachineLine
  readonly rivals: readonly string[]
  readonly missing: readonly string[]
  readonly works: readonly Measured[]
}

/** As JSON: each row also says its medians, and whether it is met, so that no reader has to know how. */
export const formatReport = (report: Report): string => {
  const works = report.works.map((work) => ({
    ...work,
    rows: work.rows.map((row) => ({
      ...row,
      medians: mediansOf({ chap: row.chap, ...row.rivals }),
      met: row.verdict === null ? null : isMet(row.verdict),
    })),
    curves: work.curves.map((curve) => ({
      ...curve,
      points: curve.points.map((point: Point) => ({ ...point, medians: mediansOf(point.samples) })),
    })),
  }))
  // Four digits are more than the noise leaves, and make the file half as long.
  const short = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
  // A list of numbers stands on one line.
  const text = JSON.stringify({ ...report, works }, short, 2)
  return `${text.replace(/\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]/g, (list) => list.replace(/\s+/g, ' '))}\n`
}

const mediansOf = (samples: Samples): Record<string, number> =>
  Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]))
