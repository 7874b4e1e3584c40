// Which bytes came in a span of time: lines are whole, and belong to when they began.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pathsIn } from '../../../src/spool/layout.ts'
import { formatMark } from '../../../src/spool/timeline.ts'
import { findRange } from '../../../src/watcher/time-range.ts'

const dir = mkdtempSync(join(tmpdir(), 'chap-t-'))
const paths = pathsIn(dir)
const stdout = 'one\ntwo\nthree\nfo'
// At 1000: `one`; at 2000 `two` and the begin of `three`; at 3000 its end; at 4000 a line without an end.
const sizes = [4, 10, 14, 16]

beforeAll(() => {
  writeFileSync(paths.stdout, stdout)
  writeFileSync(paths.stderr, 'err\n')
  const marks = sizes.map((size, index) => formatMark({ time: (index + 1) * 1000, stream: 'stdout', size }))
  writeFileSync(paths.timeline, [...marks, formatMark({ time: 3500, stream: 'stderr', size: 4 })].join(''))
})
afterAll(() => rmSync(dir, { recursive: true }))

test.each([
  [null, null, stdout, 'err\n'],
  [1000, null, stdout, 'err\n'],
  [1001, null, 'two\nthree\nfo', 'err\n'],
  // `three` had begun before.
  [2001, null, 'fo', 'err\n'],
  [3501, null, 'fo', ''],
  [9000, null, '', ''],
  [null, 999, '', ''],
  [null, 1000, 'one\n', ''],
  // `three` began by then: it is whole.
  [null, 2000, 'one\ntwo\nthree\n', ''],
  [null, 4000, stdout, 'err\n'],
  [1500, 2500, 'two\nthree\n', ''],
  [3000, 2000, '', ''],
])('from %s to %s', (since, until, out, err) => {
  const { from, to } = findRange(paths, { since, until })
  expect([stdout.slice(from.stdout, to.stdout), 'err\n'.slice(from.stderr, to.stderr)]).toEqual([out, err])
})

test('of a job that was removed meanwhile there is nothing', () => {
  const nothing = { stdout: 0, stderr: 0 }
  expect(findRange(pathsIn(join(dir, 'gone')), { since: 1, until: 2 })).toEqual({ from: nothing, to: nothing })
})
