// The report as pictures, for the docs: how each figure stands to its goal, and how each cost grows with its work.
import type { Report } from './report.ts'
import { type Curve, isMet, median, type Row, type Verdict } from './row.ts'
import { bottom, left, line, logScale, makeSvg, rect, right, text } from './svg.ts'
import { showValue } from './table.ts'

const COLORS = ['#0b6e4f', '#c8553d', '#3d5a80', '#8d6a9f', '#b08900', '#5c5c5c', '#2a9d8f']
const [MET, MISSED] = ['#0b6e4f', '#c8553d']
const ROW = 26
const [LABELS, BARS, FIGURES] = [480, 300, 220]
/** Left of the goal and right of it, in powers of ten. */
const SPAN = 1

/** A bar for each goal, ending left of the line where it is met: twice as good as promised is half a bar. */
export const drawGoals = ({ works, time, rounds }: Report): string => {
  const rows = works.flatMap((work) => work.rows.filter((row) => row.verdict !== null))
  const top = 56
  const height = top + rows.length * ROW + 12
  const scale = logScale([10 ** -SPAN, 10 ** SPAN], [LABELS, LABELS + BARS])
  const goal = scale(1)
  const bars = rows.flatMap(({ work, verdict, before }: Row, index) => {
    if (verdict === null) return []
    const y = top + index * ROW
    const end = scale(shareOf(verdict))
    const color = isMet(verdict) ? MET : MISSED
    return [
      right(LABELS - 10, y + 16, work.trim()),
      rect({ x: Math.min(LABELS, end), y: y + 4, width: end - LABELS, height: ROW - 8, color: color ?? '' }),
      left(
        LABELS + BARS + 10,
        y + 16,
        `${showValue(verdict.figure, verdict.unit)}, goal ${verdict.sense === 'most' ? '≤' : '≥'} ${showValue(verdict.limit, verdict.unit)}`,
      ),
      ...(typeof before?.figure === 'number'
        ? [markAt(scale(shareOf({ ...verdict, figure: before.figure })), y + 2, ROW - 4)]
        : []),
    ]
  })
  return makeSvg(LABELS + BARS + FIGURES, height, [
    left(12, 22, `chap: what was promised, and what it is (${time.slice(0, 10)}, ${rounds} rounds)`, true),
    bottom(goal, 44, 'the goal: shorter is better; | before'),
    ...bars,
    line(
      [
        [goal, top - 6],
        [goal, height - 8],
      ],
      '#222',
      1.5,
    ),
  ])
}

/** Where an earlier run was. */
const markAt = (x: number, y: number, height: number): string =>
  line(
    [
      [x, y],
      [x, y + height],
    ],
    '#222',
    2,
  )

/** Below 1: better than promised. */
const shareOf = ({ figure, limit, sense }: Verdict): number => {
  // None at all, or less, is as good as a picture can show.
  if (limit <= 0) return figure <= limit ? 10 ** -SPAN : 10 ** SPAN
  const share = sense === 'most' ? figure / limit : limit / figure
  return Math.min(10 ** SPAN, Math.max(10 ** -SPAN, share))
}

const [PANEL, TALL, GAP] = [480, 300, 24]
const COLUMNS = 2

/** One panel for each curve, both axes logarithmic: a cost that grows as its work does is a straight slope. */
export const drawCurves = ({ works, time }: Report): string => {
  const curves = works.flatMap((work) => work.curves).filter(({ points }) => points.length > 1)
  const rows = Math.ceil(curves.length / COLUMNS)
  const panels = curves.flatMap((curve, index) =>
    drawPanel(curve, GAP + (index % COLUMNS) * (PANEL + GAP), 40 + Math.floor(index / COLUMNS) * (TALL + GAP)),
  )
  const width = GAP + COLUMNS * (PANEL + GAP)
  return makeSvg(width, 40 + rows * (TALL + GAP), [
    left(12, 22, `chap: how costs grow with their work (medians, ${time.slice(0, 10)}; both axes logarithmic)`, true),
    ...panels,
  ])
}

const drawPanel = ({ work, x, unit, points }: Curve, atX: number, atY: number): string[] => {
  // chap first, so that it has one color in all panels.
  const names = [...new Set(['chap', ...points.flatMap(({ samples }) => Object.keys(samples))])].filter((name) =>
    points.some(({ samples }) => samples[name] !== undefined),
  )
  const series = names.map((name) =>
    points.flatMap((point) => {
      const values = point.samples[name]
      return values === undefined ? [] : [[point.x, median(values)] as const]
    }),
  )
  const values = series.flat().map(([, value]) => value)
  const [x0, x1, y0, y1] = [atX + 62, atX + PANEL - 12, atY + TALL - 36 - 16 * Math.ceil(names.length / 2), atY + 30]
  const scaleX = logScale([points[0]?.x ?? 1, points.at(-1)?.x ?? 10], [x0, x1])
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const scaleY = logScale([least / 1.3, most * 1.3], [y0, y1])
  const ticks = points.map((point) => bottom(scaleX(point.x), y0 + 16, point.x.toLocaleString('en')))
  const levels = [least, Math.sqrt(least * most), most].map((value) => [
    right(x0 - 6, scaleY(value) + 4, showValue(value, unit)),
    line(
      [
        [x0, scaleY(value)],
        [x1, scaleY(value)],
      ],
      '#ddd',
      1,
    ),
  ])
  const drawn = series.flatMap((own, index) => {
    const color = COLORS[index % COLORS.length] ?? ''
    const at = own.map(([vx, vy]) => [scaleX(vx), scaleY(vy)] as const)
    const legendX = x0 + (index % 2) * 200
    const legendY = y0 + 36 + 16 * Math.floor(index / 2)
    return [
      line(at, color, names[index] === 'chap' ? 3 : 1.8, true),
      rect({ x: legendX, y: legendY - 8, width: 14, height: 4, color }),
      left(legendX + 20, legendY - 2, names[index] ?? ''),
    ]
  })
  return [text(atX, atY + 14, `${work} (${x})`, 'start', true), ...levels.flat(), ...ticks, ...drawn]
}
