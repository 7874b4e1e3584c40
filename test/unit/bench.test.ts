/** What the bench makes of its samples: verdicts, the table, the JSON and the pictures. What it measures is measured by `npm run bench` alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readBefore } from '../bench/before.ts'
import { drawCurves, drawGoals } from '../bench/plot.ts'
import { formatReport, type Report } from '../bench/report.ts'
import { atMost, isMet, laterBy, median, quantile, speedOf, timesOf } from '../bench/row.ts'
import { formatTable, showValue } from '../bench/table.ts'

const report: Report = {
  version: 1,
  time: '2026-11-27T18:40:00.000Z',
  seconds: 61.4,
  rounds: 3,
  quick: false,
  machine: {
    cpu: 'Example',
    cores: 2,
    memory_gib: 24,
    kernel: 'Linux 6',
    node: 'v20',
    ssh: 'OpenSSH_9',
    chap: '0.1.0 abc',
    load: [0.5, 1, 2],
  },
  rivals: ['nq 0.3'],
  missing: ['conmon (conmon)'],
  works: [
    {
      name: 'transfer',
      took: 12.3,
      load: 0.4,
      failure: null,
      rows: [
        {
          work: 'a file < over ssh',
          unit: 's',
          chap: [2, 4, 2.123456],
          rivals: { cat: [1, 1, 1] },
          verdict: speedOf([2, 4, 2.123456], [1, 1, 1], 0.97, 'cat'),
        },
        {
          work: 'idle',
          unit: '%',
          chap: [0],
          rivals: { nohup: [0] },
          verdict: atMost(0, 1, '%'),
          note: 'of 100',
          before: { time: '2026-11-20T10:30:00.000Z', chap: 3, figure: 3 },
        },
      ],
      curves: [
        {
          work: 'by bytes',
          x: 'MB',
          unit: 's',
          points: [
            { x: 1, samples: { chap: [0.1] } },
            { x: 1000, samples: { chap: [2, 3, 4], cat: [1] } },
          ],
        },
      ],
    },
    { name: 'group', took: 1, load: 0.4, failure: 'clush showed 39 lines of 40', rows: [], curves: [] },
  ],
}

test('a verdict compares medians, each in its own sense', () => {
  expect([median([3, 1, 2]), quantile([1, 2, 3, 4], 0.99), median([])]).toEqual([2, 4, Number.NaN])
  expect(timesOf([2, 9, 2], [1, 1, 1], 2, '')).toMatchObject({ figure: 2, sense: 'most' })
  expect(speedOf([4], [3], 0.8, '')).toMatchObject({ figure: 0.75, sense: 'least' })
  expect(laterBy([7], [3], 5, '')).toMatchObject({ figure: 4, unit: 'ms' })
  const met = [
    timesOf([2], [1], 2, ''),
    timesOf([2.1], [1], 2, ''),
    speedOf([4], [3], 0.8, ''),
    speedOf([4], [3.2], 0.8, ''),
  ]
  expect(met.map(isMet)).toEqual([true, false, false, true])
  // What could not be measured is never met.
  expect(isMet(atMost(Number.NaN, 1, '%'))).toBe(false)
})

test('the table says who took how long, what was promised, what is missing and what failed', () => {
  const lines = formatTable(report).split('\n')
  const find = (start: string): string => lines.find((line) => line.trim().startsWith(start)) ?? ''
  expect(lines[0]).toContain('chap 0.1.0 abc on 2 x Example')
  expect(find('NOT INSTALLED')).toContain('conmon (conmon)')
  expect(find('MISS a file')).toMatch(/0\.471 x of the speed of cat +goal >= 0\.970 x$/)
  expect(find('chap    ')).toMatch(/2\.12 s +2\.00 s to 4\.00 s, of 3$/)
  expect(find('cat   ')).toMatch(/1\.00 s +1\.00 s to 1\.00 s, of 3 +x 0\.47$/)
  expect(find('met  idle')).toMatch(/0 % +goal <= 1\.00 %$/)
  expect(find('(before').trim()).toBe('(before: 3.00 %, 3.00 %; 2026-11-20T10:30Z)')
  expect(find('FAILED')).toContain('clush showed 39 lines of 40')
  expect(lines.slice(lines.indexOf('  curve: by bytes') + 1).slice(0, 3)).toEqual([
    '          MB           1    1,000',
    '          chap   0.100 s   3.00 s',
    '          cat              1.00 s',
  ])
  expect(lines.at(-2)).toBe('1 of 2 goals met; FAILED: group')
})

test('a value has three digits that say something, and its unit', () => {
  const shown = [0, 0.01234, 1.234, 12.34, 123.4, 123_456].map((value) => showValue(value, 'ms'))
  expect(shown).toEqual(['0 ms', '0.012 ms', '1.23 ms', '12.3 ms', '123 ms', '123,456 ms'])
})

test('the JSON holds every sample, the medians, and whether each goal is met', () => {
  const text = formatReport(report)
  const { works } = JSON.parse(text)
  expect(works[0].rows[0]).toMatchObject({ chap: [2, 4, 2.123], medians: { chap: 2.123, cat: 1 }, met: false })
  expect(works[0].rows[1]).toMatchObject({ met: true, note: 'of 100' })
  expect(works[0].curves[0].points[1]).toMatchObject({ x: 1000, medians: { chap: 3, cat: 1 } })
  expect(works[1].failure).toBe('clush showed 39 lines of 40')
  expect(text).toContain('"chap": [ 2, 4, 2.123 ]')
})

test('the pictures have a bar for each goal and a line for each of a curve, and are well-formed', () => {
  const [goals, curves] = [drawGoals(report), drawCurves(report)]
  expect(goals.match(/<rect [^>]*fill="#(?:0b6e4f|c8553d)"/g)).toHaveLength(2)
  expect(goals).toContain('a file &lt; over ssh')
  // The goal's line, and a mark for what was measured before.
  expect(goals.match(/<polyline /g)).toHaveLength(2)
  // Three levels, and two lines with three dots in all.
  expect(curves.match(/<polyline /g)).toHaveLength(5)
  expect(curves.match(/<circle /g)).toHaveLength(3)
  for (const svg of [goals, curves]) {
    expect(svg).not.toContain('NaN')
    expect(svg.match(/<text /g)).toHaveLength(svg.match(/<\/text>/g)?.length ?? -1)
  }
})

test('the newest earlier figure of each row is what it was before, whichever run it is from', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chap-t-before-'))
  try {
    const keep = (name: string, time: string, chap: readonly number[], more: Partial<Report> = {}): void => {
      const [work] = report.works
      const rows = work?.rows.map((row) => ({ ...row, chap })).slice(0, name === 'b' ? 1 : 2) ?? []
      const works = work === undefined ? [] : [{ ...work, rows }]
      writeFileSync(join(dir, `${name}.json`), formatReport({ ...report, time, works, ...more }))
    }
    keep('a', '2026-11-01T00:00:00.000Z', [9, 9, 9])
    keep('b', '2026-11-02T00:00:00.000Z', [5, 1, 3])
    keep('c', '2026-11-03T00:00:00.000Z', [0, 0, 0], { quick: true })
    writeFileSync(join(dir, 'b.txt'), 'the same as a table')
    expect(Object.fromEntries(readBefore(dir))).toEqual({
      'transfer: a file < over ssh': { time: '2026-11-02T00:00:00.000Z', chap: 3, figure: 0.4709 },
      'transfer: idle': { time: '2026-11-01T00:00:00.000Z', chap: 9, figure: 0 },
    })
  } finally {
    rmSync(dir, { recursive: true })
  }
})
