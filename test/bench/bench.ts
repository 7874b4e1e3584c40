// npm run bench [-- NAME... --rounds N --quick --out DIR]: what chap costs beside what a person would use instead, in turn, in the same minutes.
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { keyOf, readBefore } from './before.ts'
import { readMachine } from './machine-line.ts'
import { measureOne } from './measure-one.ts'
import { drawCurves, drawGoals } from './plot.ts'
import { formatReport, type Report } from './report.ts'
import { installRivals } from './rivals.ts'
import type { Row } from './row.ts'
import { formatTable } from './table.ts'
import { works } from './works.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
const [root = '.', ...names] = positionals
const rounds = values.quick ? 1 : Number(values.rounds)
const unknown = names.filter((name) => !works.some((work) => work.name === name))
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  const known = works.map(({ name, isExtra }) => (isExtra === true ? `[${name}]` : name)).join(' ')
  process.stderr.write(`usage: npm run bench -- [--rounds N] [--quick] [--out DIR] [NAME...]\nof ${known}\n`)
  process.exit(2)
}

const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)))

const begun = performance.now()
const time = new Date()
const say = (text: string): void => {
  const seconds = Math.round((performance.now() - begun) / 1000)
  process.stderr.write(`[${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}] ${text}\n`)
}

const kept = join(root, 'test/bench/results')
const before = readBefore(kept)
const { versions, missing } = installRivals(root)
const machine = readMachine(root)
const chosen = works.filter(({ name, isExtra }) => (names.length === 0 ? isExtra !== true : names.includes(name)))
const measured: Report['works'][number][] = []
for (const work of chosen) {
  if (interrupt.signal.aborted) break
  const load = loadavg()[0] ?? 0
  const start = performance.now()
  say(`${work.name}: at most ${work.limit} s`)
  const settings = { root, rounds, isQuick: values.quick, say, interrupt: interrupt.signal }
  // Then its world could not be made, or not be ended; the figures of the others are no worse for it.
  const fail = (error: unknown) => ({ rows: [], failure: `its world: ${String(error)}` })
  const outcome = await measureOne(work, settings).catch(fail)
  const rows = outcome.rows.map((row): Row => {
    const earlier = before.get(keyOf(work.name, row.work))
    return earlier === undefined ? row : { ...row, before: earlier }
  })
  measured.push({ name: work.name, took: (performance.now() - start) / 1000, load, curves: [], ...outcome, rows })
}

const report: Report = {
  version: 1,
  time: time.toISOString(),
  seconds: (performance.now() - begun) / 1000,
  rounds,
  quick: values.quick,
  machine,
  rivals: versions,
  missing,
  works: measured,
}
const isWhole = names.length === 0 && !values.quick && !interrupt.signal.aborted
// Only what is whole is worth keeping; the rest is for whoever asked.
const out = values.out ?? (isWhole ? kept : join(root, '.reports/bench'))
const stem = join(out, time.toISOString().slice(0, 16).replace('T', '-').replace(':', ''))
mkdirSync(out, { recursive: true })
const table = formatTable(report)
writeFileSync(`${stem}.json`, formatReport(report))
writeFileSync(`${stem}.txt`, table)
writeFileSync(join(out, 'goals.svg'), drawGoals(report))
writeFileSync(join(out, 'curves.svg'), drawCurves(report))
process.stdout.write(`\n${table}\n${stem}.json, .txt; ${out}/goals.svg, curves.svg\n`)
process.exit(measured.some(({ failure }) => failure !== null) || interrupt.signal.aborted ? 1 : 0)
