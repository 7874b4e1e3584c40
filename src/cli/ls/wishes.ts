/** What `--filter`, `--sort` and `--format` ask for. */
import { isProblem, type Problem } from '../problem.ts'
import { type IsWanted, readFilters } from './filter.ts'
import { type Format, readFormat } from './format.ts'
import { type Compare, readSort } from './sort.ts'

interface Asked {
  readonly filter?: readonly string[]
  readonly sort?: string
  readonly format?: string
}

export interface Wishes {
  readonly isWanted?: IsWanted
  readonly compare?: Compare
  readonly format?: Format
}

export const readWishes = ({ filter, sort, format }: Asked): Wishes | Problem => {
  const isWanted = filter === undefined ? undefined : readFilters(filter)
  if (isProblem(isWanted)) return isWanted
  const compare = sort === undefined ? undefined : readSort(sort)
  if (isProblem(compare)) return compare
  const chosen = format === undefined ? undefined : readFormat(format)
  if (isProblem(chosen)) return chosen
  return {
    ...(isWanted === undefined ? {} : { isWanted }),
    ...(compare === undefined ? {} : { compare }),
    ...(chosen === undefined ? {} : { format: chosen }),
  }
}
