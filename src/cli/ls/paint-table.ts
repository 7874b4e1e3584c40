/** The table of jobs for a terminal: glyphs, colours, times as people say them. */
import { paint } from '../color.ts'
import { FIELDS, type Field, type FieldName, type Glance } from './fields.ts'
import { type Cell, type Column, layOutTable } from './lay-out.ts'
import { LOOKS } from './state-kind.ts'

export interface Painting {
  readonly columns: number
  readonly hasColor: boolean
  /** Can the terminal show more than ASCII? */
  readonly hasGlyphs: boolean
}

/** On a terminal the longest come last. */
const SHOWN = ['id', 'name', 'host', 'state', 'exit', 'age', 'time', 'size', 'callback', 'group', 'command'] as const

/** Columns from which on there is room for what a job said last. */
const ROOM_FOR_LAST = 100
/** Jobs whose output is looked at without being asked: of more nobody reads it. */
const MOST_LAST = 200

const GREY = 244
/** The yellow of what waits. */
const UNDONE = LOOKS.pending.color ?? GREY

/** The least needed first to go. */
const BY_NEED: readonly FieldName[] = [
  'labels',
  'created',
  'started',
  'ended',
  'last',
  'group',
  'callback',
  'size',
  'bytes',
  'time',
  'name',
  'exit',
  'age',
  'disk',
  'host',
  'command',
  'state',
  'id',
]

/** Least columns of what may be cut. */
const LEAST: Partial<Record<FieldName, number>> = { name: 8, host: 8, command: 12, last: 16, labels: 10 }
const RIGHT: readonly FieldName[] = ['exit', 'size', 'disk', 'bytes']

export const chooseColumns = (jobs: number, width: number, hasDisk: boolean): readonly FieldName[] => [
  ...SHOWN.slice(0, -2),
  ...(hasDisk ? (['disk'] as const) : []),
  ...SHOWN.slice(-2),
  ...(width >= ROOM_FOR_LAST && jobs <= MOST_LAST ? (['last'] as const) : []),
]

/** A head, and a line for each job. */
export const paintTable = (
  glances: readonly Glance[],
  fields: readonly FieldName[],
  painting: Painting,
): readonly string[] => {
  const columns = fields.map(columnOf)
  const rows = glances.map((glance) => fields.map((name) => cellOf(name, glance, painting)))
  return layOutTable(columns, rows, painting.columns, painting.hasColor ? (text) => paint(GREY, text) : undefined)
}

const columnOf = (name: FieldName): Column => {
  const least = LEAST[name]
  return {
    head: FIELDS[name].head,
    need: BY_NEED.indexOf(name),
    isRight: RIGHT.includes(name),
    isRest: name === 'command' || name === 'last',
    ...(least === undefined ? {} : { least }),
  }
}

const cellOf = (name: FieldName, glance: Glance, { hasColor, hasGlyphs }: Painting): Cell => {
  const field: Field = FIELDS[name]
  const { glyph, plain, color } = LOOKS[glance.kind]
  if (name === 'state') {
    const text = `${hasGlyphs ? glyph : plain} ${field.text(glance)}`
    return hasColor && color !== null ? { text, paint: (padded) => paint(color, padded) } : { text }
  }
  const short = field.text(glance)
  const text = field.long?.(glance) ?? short
  if (!hasColor || text === '') return { text, short }
  if (name === 'exit' && color !== null && text !== '0') return { text, paint: (padded) => paint(color, padded) }
  if (name === 'callback' && text !== 'delivered') return { text, paint: (padded) => paint(UNDONE, padded) }
  return name === 'age' || name === 'last' || name === 'size'
    ? { text, short, paint: (padded) => paint(GREY, padded) }
    : { text, short }
}
