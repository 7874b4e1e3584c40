/** The screen of `chap top` as lines: the jobs above, the output of the chosen one below. Pure. */
import { paint } from '../color.ts'
import { FIELDS, type FieldName, type Glance } from '../ls/fields.ts'
import { type Painting, paintTable } from '../ls/paint-table.ts'
import { LOOKS } from '../ls/state-kind.ts'
import { cutToWidth, widthOf } from '../ls/text-width.ts'
import { safeLine } from '../safe-text.ts'
import type { Model } from './model.ts'
import type { OutputLine } from './output.ts'

export interface Shown {
  readonly model: Model
  /** As many as model.ids, in their order. */
  readonly glances: readonly Glance[]
  readonly output: readonly OutputLine[]
}

const COLUMNS = ['id', 'name', 'host', 'state', 'exit', 'age', 'time', 'size', 'command'] as const
const [GREY, RED] = [244, 166]
/** Rows that are neither list nor output: the head, the line between, the foot. */
const FRAME_ROWS = 3

const HELP = [
  '',
  '  up, down, k, j     choose a job; g, G: the first, the last',
  '  enter              attach to it; Ctrl-C there comes back here',
  '  x                  end it, with everything that it started; asks before',
  '  /                  show only jobs with these words, or such as state=failed host=gpu*; Esc: all',
  '  f                  let the output follow, or stand still',
  '  PgUp, PgDn         scroll the output',
  '  Ctrl-L             paint the screen anew',
  '  q, Ctrl-C          leave; jobs go on',
  '',
  '  any key goes back',
]

/** How many rows the list, with its head, and the output have. */
export const divide = (rows: number, jobs: number): { readonly list: number; readonly output: number } => {
  const room = Math.max(2, rows - FRAME_ROWS)
  const list = Math.min(jobs + 1, Math.max(2, Math.floor(room / 2)))
  return { list, output: room - list }
}

/** @param rows as many lines come back */
export const frameOf = (shown: Shown, painting: Painting, rows: number): readonly string[] => {
  const { model, glances } = shown
  const { columns } = painting
  const grey = (text: string): string => (painting.hasColor ? paint(GREY, text) : text)
  const parts = divide(rows, glances.length)
  const fill = (lines: readonly string[], count: number): readonly string[] =>
    Array.from({ length: count }, (_, row) => lines[row] ?? '')
  const body =
    model.mode === 'help'
      ? fill(
          HELP.map((line) => cutToWidth(line, columns)),
          parts.list + 1 + parts.output,
        )
      : [
          ...fill(listOf(shown, painting, parts.list), parts.list),
          grey(titleOf(shown, columns)),
          ...fill(outputOf(shown, painting, parts.output), parts.output),
        ]
  return [cutToWidth(headOf(glances, model), columns), ...body, footOf(model, columns, grey)]
}

const headOf = (glances: readonly Glance[], { search, mode }: Model): string => {
  const counts = new Map<string, number>()
  for (const { kind } of glances) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const words = Object.keys(LOOKS).flatMap((kind) => (counts.has(kind) ? [`${counts.get(kind)} ${kind}`] : []))
  const filter = search === '' || mode === 'search' ? [] : [`only: ${safeLine(search)}`]
  return ['chap top', words.length === 0 ? 'no jobs' : words.join(', '), ...filter].join('  ')
}

/** The rows around the chosen one. */
export const listOf = (
  { model, glances }: Omit<Shown, 'output'>,
  painting: Painting,
  rows: number,
  fields: readonly FieldName[] = COLUMNS,
): readonly string[] => {
  if (glances.length === 0) return []
  const place = Math.max(
    0,
    glances.findIndex(({ view }) => view.id === model.chosen),
  )
  const visible = rows - 1
  const first = Math.max(0, Math.min(place - Math.floor(visible / 2), glances.length - visible))
  const lines = paintTable(glances.slice(first, first + visible), fields, {
    ...painting,
    columns: painting.columns - 2,
  })
  return lines.map((line, row) => (row - 1 + first === place && row > 0 ? `> ${bold(line, painting)}` : `  ${line}`))
}

const bold = (text: string, { hasColor }: Painting): string => (hasColor ? `\u001b[1m${text}\u001b[22m` : text)

const titleOf = ({ model, glances }: Shown, columns: number): string => {
  const glance = glances.find(({ view }) => view.id === model.chosen)
  if (glance === undefined) return ''
  const words = [FIELDS.id, FIELDS.name, FIELDS.state, FIELDS.command].map(({ text }) => text(glance))
  const stands = model.isFollowing ? [] : ['stands still: f']
  const title = `── ${[...stands, ...words].filter((word) => word !== '').join('  ')} `
  return cutToWidth(title + '─'.repeat(Math.max(0, columns - widthOf(title))), columns)
}

const outputOf = ({ model, output }: Shown, painting: Painting, rows: number): readonly string[] => {
  const end = Math.max(Math.min(rows, output.length), output.length - model.back)
  return output.slice(Math.max(0, end - rows), end).map(({ stream, text }) => {
    const line = cutToWidth(safeLine(text), painting.columns)
    return stream === 'stderr' && painting.hasColor && line !== '' ? paint(RED, line) : line
  })
}

const footOf = (model: Model, columns: number, grey: (text: string) => string): string => {
  switch (model.mode) {
    case 'kill':
      return cutToWidth(`end ${model.chosen} with everything that it started? y/n`, columns)
    case 'search':
      return cutToWidth(`/${safeLine(model.search)}_`, columns)
    case 'help':
      return ''
    case 'list':
      if (model.note !== '') return cutToWidth(safeLine(model.note), columns)
      return grey(
        cutToWidth(
          `up/down choose  enter attach  x kill  / filter  f follow ${model.isFollowing ? 'off' : 'on'}  ? help  q quit`,
          columns,
        ),
      )
  }
}
