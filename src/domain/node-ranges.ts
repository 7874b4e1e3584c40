/** The numbers in a node set's brackets, `01-03,7,10-20/5`, both ways. A number is its digits: 01 is not 1. */

/** More digits than any count of machines has; all of them are exact in a double. */
const MOST_DIGITS = 15

export interface Range {
  readonly first: number
  readonly last: number
  readonly step: number
  /** Digits of each number, filled up with zeros; 0: as many as it has. */
  readonly width: number
}

/** null: it is no list of numbers and ranges. One that goes backwards is none, nor one whose padding is not the same at both ends. */
export const parseRanges = (text: string): readonly Range[] | null => {
  const ranges = text.split(',').map(parseRange)
  return ranges.every((range) => range !== null) ? ranges : null
}

const parseRange = (text: string): Range | null => {
  const [, from, to, by] = /^(\d+)(?:-(\d+)(?:\/(\d+))?)?$/.exec(text.trim()) ?? []
  if (from === undefined) return null
  const end = to ?? from
  if (Math.max(from.length, end.length, by?.length ?? 0) > MOST_DIGITS) return null
  if ((isPadded(from) || isPadded(end)) && from.length !== end.length) return null
  const [first, last, step] = [Number(from), Number(end), Number(by ?? 1)]
  if (last < first || step < 1) return null
  return { first, last, step, width: isPadded(from) ? from.length : 0 }
}

const isPadded = (digits: string): boolean => digits.length > 1 && digits.startsWith('0')

export const countOf = ({ first, last, step }: Range): number => Math.floor((last - first) / step) + 1

export const numbersOf = ({ first, last, step, width }: Range): string[] => {
  const numbers: string[] = []
  for (let number = first; number <= last; number += step) numbers.push(String(number).padStart(width, '0'))
  return numbers
}

/** Digits that can be one of a range: others are plain text. */
export const isNumber = (digits: string): boolean => /^\d+$/.test(digits) && digits.length <= MOST_DIGITS

/** The shortest list of ranges for these digits, `03,17-19`, sorted. Steps are not made: a person reads `1,3,5` more easily. */
export const formatRanges = (digits: readonly string[]): string => {
  const left = new Set([...digits].sort((a, b) => Number(a) - Number(b) || a.length - b.length))
  const ranges: { readonly first: string; readonly last: string }[] = []
  // Padded ones first: 10 goes with 09 where there is one, else with 9.
  for (const first of [...[...left].filter(isPadded), ...left]) {
    if (!left.delete(first)) continue
    let last = first
    for (let next = following(last, first); left.delete(next); next = following(last, first)) last = next
    ranges.push({ first, last })
  }
  return ranges
    .sort((a, b) => Number(a.first) - Number(b.first) || a.first.length - b.first.length)
    .map(({ first, last }) => (first === last ? first : `${first}-${last}`))
    .join(',')
}

/** The number behind `digits` in a range that began with `first`. */
const following = (digits: string, first: string): string => {
  const next = String(Number(digits) + 1).padStart(isPadded(first) ? first.length : 0, '0')
  return isPadded(first) && next.length > first.length ? '' : next
}
