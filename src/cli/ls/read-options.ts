/** Reads the options of `ls` as commander would, which takes 5 ms to load, where there is nothing to say about them. */
import type { ColorWish } from '../color.ts'
import { addLabel } from '../label.ts'

export interface ListOptions {
  readonly json?: boolean
  readonly group?: readonly string[]
  readonly all?: boolean
  readonly quiet?: boolean
  readonly watch?: boolean
  readonly label?: Readonly<Record<string, string>>
  readonly filter?: readonly string[]
  readonly sort?: string
  readonly format?: string
  readonly disk?: boolean
  readonly color: ColorWish
}

const FLAGS: readonly string[] = ['all', 'quiet', 'disk', 'json']
const LONG: Readonly<Record<string, string>> = { '-a': '--all', '-q': '--quiet', '-l': '--label' }

/** undefined: there is something else among them, and all of them are commander's. */
export const readOptions = (args: readonly string[]): ListOptions | undefined => {
  let options: ListOptions = { color: 'auto' }
  const words = [...args]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (/^-[aq]{2,}$/.test(word)) {
      words.unshift(...[...word.slice(1)].map((letter) => `-${letter}`))
      continue
    }
    const [, name = '', given] = /^--([a-z]+)(?:=(.*))?$/s.exec(LONG[word] ?? word) ?? []
    const isFlag = FLAGS.includes(name)
    if (isFlag && given !== undefined) return undefined
    const more = isFlag ? { [name]: true } : readValue(name, given ?? words.shift(), options)
    if (more === undefined) return undefined
    options = { ...options, ...more }
  }
  return options
}

/** undefined: there is no such option, or no such value. */
const readValue = (name: string, value: string | undefined, before: ListOptions): Partial<ListOptions> | undefined => {
  // A version is asked for, wherever it stands.
  if (value === undefined || value.startsWith('-V') || value === '--version') return undefined
  switch (name) {
    case 'group':
    case 'filter':
      return { [name]: [...(before[name] ?? []), value] }
    case 'sort':
    case 'format':
      return { [name]: value }
    case 'label': {
      const label = addLabel(value, before.label)
      return label && { label }
    }
    case 'color':
      return value === 'auto' || value === 'always' || value === 'never' ? { color: value } : undefined
    default:
      return undefined
  }
}
