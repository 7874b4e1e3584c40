/** `--filter`: which jobs are shown. Reads what was typed into a question to ask of each job. */
import { usage } from '../../index.ts'
import { isProblem, type Problem } from '../problem.ts'
import { FIELDS, type Glance, labelOf } from './fields.ts'
import { STATE_KINDS, type StateKind } from './state-kind.ts'

export type IsWanted = (glance: Glance) => boolean

const ENDED: readonly StateKind[] = ['succeeded', 'failed', 'signaled', 'timed out', 'over limit', 'refused', 'unknown']

/** Words for several states at once. `failed` is all that did not end well. */
const STATE_GROUPS: Readonly<Record<string, readonly StateKind[]>> = {
  ended: ENDED,
  failed: ENDED.filter((kind) => kind !== 'succeeded'),
}

const KEYS = ['state', 'host', 'name', 'label', 'group', 'exit', 'id', 'command', 'callback'] as const

const stateWord = (kind: string): string => kind.replace(' ', '-')

/** Several of one key: one of them is enough; but a job has all labels that are asked for. Different keys: all of them. */
export const readFilters = (filters: readonly string[]): IsWanted | Problem => {
  const byKey = new Map<string, IsWanted[]>()
  for (const filter of filters) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(filter) ?? []
    const isWanted = readFilter(key, value)
    if (isWanted === undefined)
      return usage(`--filter takes KEY=VALUE, and knows no '${filter}'`, `KEY is ${KEYS.join(', ')}`)
    if (isProblem(isWanted)) return isWanted
    const place = key === 'label' ? filter : key
    byKey.set(place, [...(byKey.get(place) ?? []), isWanted])
  }
  const questions = [...byKey.values()]
  return (glance) => questions.every((alike) => alike.some((isWanted) => isWanted(glance)))
}

const readFilter = (key: string, value: string): IsWanted | Problem | undefined => {
  switch (key) {
    case 'state': {
      const group = Object.hasOwn(STATE_GROUPS, value) ? STATE_GROUPS[value] : undefined
      const kinds = group ?? STATE_KINDS.filter((kind) => stateWord(kind) === value)
      if (kinds.length === 0) return usage(`there is no state '${value}'`, `states: ${listStates()}`)
      return ({ kind }) => kinds.includes(kind)
    }
    case 'label': {
      const [, label = '', wanted] = /^([^=]*)(?:=(.*))?$/s.exec(value) ?? []
      const matches = wanted === undefined ? () => true : matcherOf(wanted)
      return ({ view: { spec } }) => {
        const own = spec.ok ? labelOf(spec.value, label) : undefined
        return own !== undefined && matches(own)
      }
    }
    case 'host':
    case 'name':
    case 'group':
    case 'exit':
    case 'id':
    case 'command':
    case 'callback': {
      const matches = matcherOf(value)
      const { text } = FIELDS[key]
      return (glance) => matches(text(glance))
    }
    default:
      return undefined
  }
}

const listStates = (): string => [...new Set(['ended', ...STATE_KINDS.map(stateWord)])].join(', ')

/** `*` and `?` stand for letters, as in a shell; all else is what it is. */
const matcherOf = (pattern: string): ((text: string) => boolean) => {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (char) =>
    char === '*' ? '.*' : char === '?' ? '.' : `\\${char}`,
  )
  const expression = new RegExp(`^${source}$`, 's')
  return (text) => expression.test(text)
}

/** As typed into `chap top`: words that are filters, and others that a job's id, name, host, state or command holds. */
export const readSearch = (text: string): IsWanted | Problem => {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const isFilter = (word: string): boolean => KEYS.some((key) => word.startsWith(`${key}=`))
  const filters = readFilters(words.filter(isFilter))
  if (isProblem(filters)) return filters
  const others = words.filter((word) => !isFilter(word)).map((word) => word.toLowerCase())
  const places = [FIELDS.id, FIELDS.name, FIELDS.host, FIELDS.state, FIELDS.command, FIELDS.labels]
  return (glance) =>
    filters(glance) && others.every((word) => places.some((field) => field.text(glance).toLowerCase().includes(word)))
}
