/** Names folded to a node set (see expand-nodes.ts): `web01 web02 web03 db1` is `db1,web[01-03]`. */
import { formatRanges, isNumber } from './node-ranges.ts'

/** A name as the text between its numbers, and the numbers: `web01` is ['web', ''] and ['01']. */
interface Family {
  readonly texts: readonly string[]
  /** Of each member, the digits by place. */
  readonly members: (readonly (readonly string[])[])[]
}

/** The shortest node set that we find for these names, sorted; expanded, it is the same names. */
export const foldNodes = (names: readonly string[]): string => {
  const families = new Map<string, Family>()
  for (const name of [...new Set(names)].sort(collate)) {
    // What has a meaning of its own in a node set stands for itself.
    const pieces = /[[\]]/.test(name) ? [name] : name.split(/(\d+)/)
    const [numbers, texts]: [string[], string[]] = [[], ['']]
    for (const piece of pieces) {
      if (isNumber(piece)) {
        numbers.push(piece)
        texts.push('')
      } else texts.push((texts.pop() ?? '') + piece)
    }
    const key = texts.join('\0')
    const family = families.get(key) ?? { texts, members: [] }
    family.members.push(numbers.map((number) => [number]))
    families.set(key, family)
  }
  return [...families.values()].map(foldFamily).join(',')
}

const collate = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const foldFamily = ({ texts, members }: Family): string => {
  const places = texts.slice(1).map((_, place) => place)
  // Which place is merged first decides how well the others merge.
  const foldings = [places, places.toReversed()].map((order) =>
    order
      .reduce(mergePlace, members)
      .map((sets) => texts.reduce((text, piece, index) => `${text}${formatPlace(sets[index - 1] ?? [])}${piece}`))
      .join(','),
  )
  return foldings.reduce((best, other) => (other.length < best.length ? other : best))
}

/** Members that differ at this place only become one. */
const mergePlace = (members: Family['members'], place: number): Family['members'] => {
  const merged = new Map<string, string[][]>()
  for (const sets of members) {
    const key = JSON.stringify(sets.with(place, []))
    const same = merged.get(key)
    if (same === undefined)
      merged.set(
        key,
        sets.map((set) => [...set]),
      )
    else same[place]?.push(...(sets[place] ?? []))
  }
  return [...merged.values()]
}

const formatPlace = (digits: readonly string[]): string => {
  const ranges = formatRanges(digits)
  return digits.length === 1 ? ranges : `[${ranges}]`
}
