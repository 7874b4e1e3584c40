// The report as text: who took how long for what, what was promised, and how costs grow.
import { wordsOfMachine } from './machine-line.ts'
import type { Report } from './report.ts'
import { type Before, type Curve, isMet, median, type Row, type Unit } from './row.ts'

const WIDTH = 62

export const formatTable = (report: Report): string => {
  const { time, seconds, rounds, quick, machine, rivals, missing, works } = report
  const head = [
    `${time}: ${wordsOfMachine(machine)}`,
    `${rounds} rounds${quick ? ', QUICK: small sizes, no figures to quote' : ''}; ${Math.round(seconds)} s in all. Medians, least to most; the last column is the rival's median over chap's.`,
    ...(rivals.length === 0 ? [] : [`Rivals: ${rivals.join(', ')}.`]),
    ...(missing.length === 0 ? [] : [`NOT INSTALLED, and so not measured against: ${missing.join(', ')}.`]),
  ]
  const parts = works.map(({ name, took, load, rows, curves, failure }) =>
    [
      `${name} (${took.toFixed(0)} s, load ${load.toFixed(1)})`,
      ...(failure === null ? [] : [`  FAILED  ${failure}`]),
      ...rows.flatMap(linesOfRow),
      ...curves.flatMap(linesOfCurve),
    ].join('\n'),
  )
  const verdicts = works.flatMap(({ rows }) => rows.flatMap(({ verdict }) => (verdict === null ? [] : [verdict])))
  const failed = works.filter(({ failure }) => failure !== null).map(({ name }) => name)
  const foot = `${verdicts.filter(isMet).length} of ${verdicts.length} goals met${failed.length === 0 ? '' : `; FAILED: ${failed.join(', ')}`}`
  return `${[head.join('\n'), ...parts, foot].join('\n\n')}\n`
}

const linesOfRow = ({ work, unit, chap, rivals, verdict, note, before }: Row): string[] => {
  const mark = verdict === null ? '     ' : isMet(verdict) ? 'met  ' : 'MISS '
  const promise =
    verdict === null
      ? ''
      : `${showValue(verdict.figure, verdict.unit)} ${verdict.against}`.trim().padEnd(44) +
        ` goal ${verdict.sense === 'most' ? '<=' : '>='} ${showValue(verdict.limit, verdict.unit)}`
  const own = median(chap)
  const width = Math.max(...['chap', ...Object.keys(rivals)].map((name) => name.length))
  const line = (name: string, values: readonly number[], ratio: string): string =>
    `          ${name.padEnd(width)}  ${showValue(median(values), unit).padStart(14)}   ${spreadOf(values, unit).padEnd(32)}${ratio}`.trimEnd()
  return [
    `  ${mark}${work.padEnd(WIDTH)} ${promise}`.trimEnd(),
    line('chap', chap, ''),
    ...Object.entries(rivals).map(([name, values]) =>
      line(name, values, own > 0 ? `x ${(median(values) / own).toFixed(2)}` : ''),
    ),
    ...(note === undefined ? [] : [`          (${note})`]),
    ...(before === undefined ? [] : [`          (before: ${wordsOfBefore(before, unit, verdict)})`]),
  ]
}

const wordsOfBefore = ({ time, chap, figure }: Before, unit: Unit, verdict: Row['verdict']): string => {
  const ratio = figure === null || verdict === null ? '' : `, ${showValue(figure, verdict.unit)}`
  return `${showValue(chap, unit)}${ratio}; ${time.slice(0, 16)}Z`
}

const spreadOf = (values: readonly number[], unit: Unit): string =>
  values.length < 2
    ? ''
    : `${showValue(Math.min(...values), unit)} to ${showValue(Math.max(...values), unit)}, of ${values.length}`

const linesOfCurve = ({ work, x: what, unit, points }: Curve): string[] => {
  const names = [...new Set(points.flatMap(({ samples }) => Object.keys(samples)))]
  const columns = points.map(({ x }) => x.toLocaleString('en'))
  const rows = names.map((name) => [
    name,
    ...points.map(({ samples }) => {
      const values = samples[name]
      return values === undefined ? '' : showValue(median(values), unit)
    }),
  ])
  const table = [[what, ...columns], ...rows]
  const widths = table[0]?.map((_cell, index) => Math.max(...table.map((row) => row[index]?.length ?? 0))) ?? []
  return [
    `  curve: ${work}`,
    ...table.map((row) =>
      `          ${row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[index] ?? 0) + 3))).join('')}`.trimEnd(),
    ),
  ]
}

/** Three digits that say something, and the unit. */
export const showValue = (value: number, unit: Unit): string => {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3
  const number =
    Math.abs(value) >= 10_000 ? Math.round(value).toLocaleString('en') : value.toFixed(value === 0 ? 0 : digits)
  return unit === '' ? number : `${number} ${unit}`
}
