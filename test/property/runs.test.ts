// The lines of a series' runs: what is cut, unknown or written twice harms no other line, and no sum.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isGoing, parseRun, parseRuns, type RunNote, summarizeRuns } from '../../src/spool/runs.ts'
import { readLastRuns, readRuns } from '../../src/spool/runs-file.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'chap-t-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const number = fc.nat({ max: 1_000_000 })
const size = fc.record({ stdout: fc.maxSafeNat(), stderr: fc.maxSafeNat() })
/** Hundredths of seconds, as launchers write them. */
const time = fc.integer({ min: 0, max: 400_000_000_000 }).map((hundredths) => hundredths / 100)
const word = fc.constantFrom('exit', 'kill', 'timeout', 'overrun', 'rebooted', 'something-new')

const anyNote: fc.Arbitrary<RunNote> = fc.oneof(
  fc.record({ kind: fc.constant('begun' as const), run: number, due: time, start: time, at: size }),
  fc.record({
    kind: fc.constant('ended' as const),
    run: number,
    end: time,
    status: fc.nat({ max: 511 }),
    why: word,
    late: fc.boolean(),
    at: size,
  }),
  fc.record({ kind: fc.constant('missed' as const), from: number, to: number, why: word }),
  fc.record({ kind: fc.constant('lost' as const), run: number, why: word }),
)

const format = (note: RunNote): string => {
  switch (note.kind) {
    case 'begun':
      return `begun ${note.run} ${note.due} ${note.start} ${note.at.stdout} ${note.at.stderr}\n`
    case 'ended':
      return `ended ${note.run} ${note.end} ${note.status} ${note.why} ${Number(note.late)} ${note.at.stdout} ${note.at.stderr}\n`
    case 'missed':
      return `missed ${note.from} ${note.to} ${note.why}\n`
    case 'lost':
      return `lost ${note.run} ${note.why}\n`
  }
}

test('notes are read as they were written, also with fields that a newer launcher adds', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyNote, fc.constantFrom('', ' new', ' a=1 b'))), (notes) => {
      const text = notes.map(([note, more]) => format(note).replace('\n', `${more}\n`)).join('')
      expect(parseRuns(text)).toEqual(notes.map(([note]) => note))
    }),
  )
})

test('a text that was cut has its whole lines, and no other', () => {
  fc.assert(
    fc.property(fc.array(anyNote), fc.double({ min: 0, max: 1, noNaN: true }), (notes, where) => {
      const text = notes.map(format).join('')
      const cut = text.slice(0, Math.floor(text.length * where))
      expect(parseRuns(cut)).toEqual(notes.slice(0, cut.split('\n').length - 1))
    }),
  )
})

test('other lines are passed over', () => {
  const noise = fc.string({ unit: 'binary' }).filter((line) => !line.includes('\n') && parseRun(line) === undefined)
  fc.assert(
    fc.property(fc.array(fc.oneof(anyNote, noise)), (lines) => {
      const text = lines.map((line) => (typeof line === 'string' ? `${line}\n` : format(line))).join('')
      expect(parseRuns(text)).toEqual(lines.filter((line) => typeof line !== 'string'))
    }),
  )
})

/** What a launcher can have written: each fire once, in their order, the last run perhaps still going on. */
const anySeries = fc
  .tuple(
    fc.array(fc.constantFrom('good', 'bad', 'killed', 'missed', 'lost'), { maxLength: 2_000 }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([fates, goesOn, repeats]) => {
    const at = { stdout: 0, stderr: 0 }
    const notes = fates.flatMap((fate, index): RunNote[] => {
      const run = index + 1
      if (fate === 'missed') return [{ kind: 'missed', from: run, to: run, why: 'overrun' }]
      const begun: RunNote = { kind: 'begun', run, due: run, start: run, at }
      if (fate === 'lost') return [begun, { kind: 'lost', run, why: 'rebooted' }]
      const status = fate === 'good' ? 0 : 3
      const why = fate === 'killed' ? 'kill' : 'exit'
      return [begun, { kind: 'ended', run, end: run + 1, status, why, late: false, at }]
    })
    const last = { kind: 'begun', run: fates.length + 1, due: 1, start: 1, at } as const
    const all = goesOn ? [...notes, last] : notes
    return { fates, goesOn, notes: repeats ? all.flatMap((note) => [note, note]) : all }
  })

test('the sums are those of the fires, also where lines are said twice, and the same from a file', () => {
  fc.assert(
    fc.property(anySeries, ({ fates, goesOn, notes }) => {
      const count = (...wanted: readonly string[]): number => fates.filter((fate) => wanted.includes(fate)).length
      const summary = summarizeRuns(notes)
      expect(summary).toMatchObject({
        runs: count('good', 'bad', 'killed', 'lost') + Number(goesOn),
        failed: count('bad'),
        missed: count('missed'),
        lost: count('lost'),
        reached: fates.length + Number(goesOn),
      })
      expect(isGoing(summary)).toBe(goesOn)
      writeFileSync(join(dir, 'runs'), `${notes.map(format).join('')}begun 99`)
      expect(readRuns(join(dir, 'runs'))).toEqual(summary)
      expect(readLastRuns(join(dir, 'runs')).last?.run).toBe(summary.last?.run)
    }),
    { numRuns: 50 },
  )
})

test('a job without such a file has no runs', () => {
  expect(readRuns(join(dir, 'none'))).toEqual(summarizeRuns([]))
  expect(readLastRuns(join(dir, 'none'))).toEqual(summarizeRuns([]))
})
