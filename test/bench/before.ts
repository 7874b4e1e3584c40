// What an earlier run of the bench said of the same work: for the table's line `before`, and the mark beside a bar.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Before, median } from './row.ts'

/** As much of a kept report as this reads. */
interface Kept {
  readonly time: string
  readonly quick: boolean
  readonly works: readonly {
    readonly name: string
    readonly rows: readonly {
      readonly work: string
      readonly chap: readonly number[]
      readonly verdict: { readonly figure: number } | null
    }[]
  }[]
}

/** Of rows in several works the words are the same. */
export const keyOf = (name: string, work: string): string => `${name}: ${work}`

/**
 * The newest figures of each row that reports in `dir` have, by `keyOf`. A report of a part serves for that part.
 * @throws where a file is no report
 */
export const readBefore = (dir: string): ReadonlyMap<string, Before> => {
  const names = readdirSync(dir).filter((name) => name.endsWith('.json'))
  const reports = names.toSorted().map((name): Kept => JSON.parse(readFileSync(join(dir, name), 'utf8')))
  return new Map(
    reports
      .filter(({ quick }) => !quick)
      .flatMap(({ time, works }) =>
        works.flatMap(({ name, rows }) =>
          rows.map(({ work, chap, verdict }) => [
            keyOf(name, work),
            { time, chap: median(chap), figure: verdict?.figure ?? null } as const,
          ]),
        ),
      ),
  )
}
