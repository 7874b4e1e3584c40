// What `chap ls` makes of jobs: tables for a width, filters, orders, templates, and what changes on a screen.
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { hasColor } from '../../../src/cli/color.ts'
import { FIELDS, type FieldName } from '../../../src/cli/ls/fields.ts'
import { readFilters, readSearch } from '../../../src/cli/ls/filter.ts'
import { readFormat } from '../../../src/cli/ls/format.ts'
import { sayAgo, sayDuration } from '../../../src/cli/ls/human-times.ts'
import { layOutTable } from '../../../src/cli/ls/lay-out.ts'
import { chooseColumns, paintTable } from '../../../src/cli/ls/paint-table.ts'
import { diffScreens } from '../../../src/cli/ls/screen-diff.ts'
import { readSort } from '../../../src/cli/ls/sort.ts'
import { hasGlyphs, LOOKS } from '../../../src/cli/ls/state-kind.ts'
import { isProblem } from '../../../src/cli/problem.ts'
import { lastLineOf } from '../../../src/watcher/last-line.ts'
import { ended, glances, running } from './views.ts'

const jobs = glances(
  running('aaaa', { name: 'train', host: 'gpu1', labels: { team: 'ml' } }),
  ended('bbbb', { kind: 'exited', code: 0 }, { name: 'backup', host: 'gpu2' }),
  ended('cccc', { kind: 'exited', code: 3 }, { host: 'pi10', labels: { team: 'ops' } }),
  ended('dddd', { kind: 'signaled', signal: 'SIGKILL' }, { host: 'pi9' }),
)
const ids = (chosen: readonly { readonly view: { readonly id: string } }[]): string =>
  chosen.map(({ view }) => view.id).join(' ')

const table = (columns: number, has = { hasColor: false, hasGlyphs: true }): readonly string[] =>
  paintTable(jobs, chooseColumns(jobs.length, columns, false), { columns, ...has })

test('at 200 columns all is shown, in words', () => {
  const lines = table(200)
  expect(lines[0]).toMatch(/^ID {4}NAME {4}HOST {2}STATE {9}EXIT {2}AGE {6}TIME {7}SIZE {2}COMMAND +LAST LINE$/)
  expect(lines[1]).toMatch(/^aaaa {2}train {3}gpu1 {2}● running +1 h ago {2}1 h 4 min {2}2\.0K {2}sh -c .*… {2}\S/)
  expect(lines[2]).toMatch(/✓ ended {4} +0 {2}1 h ago {2}5 s /)
  expect(lines[3]).toMatch(/pi10 {2}✗ ended +3 /)
})

test('at 80 columns the command is cut, at 60 it says the same shorter, at 40 only what is needed most', () => {
  expect(table(80)[1]).toMatch(/^aaaa {2}train {3}gpu1 {2}● running +1 h ago {2}1 h 4 min {2}2\.0K {2}sh -c '.*…$/)
  expect(table(60)[1]).toMatch(/^aaaa {2}train {3}gpu1 {2}● running +1h {3}sh -c .*…$/)
  expect(table(40)[0]).toMatch(/^ID {4}HOST {2}STATE +AGE {2}COMMAND$/)
})

test('no line is wider than the terminal, whatever the jobs are called', () => {
  const word = fc.oneof(
    fc.string({ maxLength: 40, unit: 'grapheme' }),
    fc.constantFrom('日本語のジョブ', '👩‍🔬 lab', 'é'),
  )
  const columns = [
    { head: 'ID', need: 9 },
    { head: 'NAME', need: 1, least: 8 },
    { head: 'SIZE', need: 0, isRight: true },
    { head: 'COMMAND', need: 5, least: 6, isRest: true },
  ]
  const row = fc.array(
    word.map((text) => text.replaceAll(/\p{C}/gu, '')),
    { minLength: 4, maxLength: 4 },
  )
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), fc.integer({ min: 1, max: 120 }), (rows, width) => {
      const lines = layOutTable(
        columns,
        rows.map((texts) => texts.map((text) => ({ text, paint: (part: string) => `\u001b[1m${part}\u001b[22m` }))),
        width,
      )
      expect(lines).toHaveLength(rows.length + 1)
      for (const line of lines) expect(stringWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(width)
    }),
  )
})

test('a state is told by its word and glyph, not by its colour alone', () => {
  const [colourful, plain] = [
    table(120, { hasColor: true, hasGlyphs: true }),
    table(120, { hasColor: false, hasGlyphs: false }),
  ]
  expect(colourful.map(stripVTControlCharacters)).toEqual(table(120))
  expect(colourful[3]).toContain('\u001b[38;5;166m✗ ended\u001b[39m')
  expect(plain.slice(1).map((line) => line[20])).toEqual(['*', '+', 'x', 'x'])
  expect(plain.join('')).toMatch(/^[\x20-\x7e…]*$/)
  // Those of one glyph have other words.
  expect(new Set(Object.entries(LOOKS).map(([kind, { plain: mark }]) => `${mark} ${kind}`)).size).toBe(16)
})

test.each([
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, false],
  [{}, true],
  [{ TERM: 'linux', LANG: 'C.UTF-8' }, false],
])('glyphs with %j: %j', (env, has) => expect(hasGlyphs(env)).toBe(has))

test.each([
  [{}, 'auto', true],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, 'auto', false],
  [{ NO_COLOR: '1' }, 'always', true],
  [{ FORCE_COLOR: '0' }, 'auto', false],
  [{ TERM: 'dumb' }, 'auto', false],
  [{ TERM: 'dumb', FORCE_COLOR: '1' }, 'auto', true],
] as const)('on a terminal, colours with %j and --color %s: %j', (env, wish, has) => {
  expect(hasColor({ env }, { isTerminal: true, columns: 80, write: () => Promise.resolve(true) }, wish)).toBe(has)
})

test.each([
  [0, '0 s', 'now'],
  [42_900, '42 s', '42 s ago'],
  [192_000, '3 min 12 s', '3 min ago'],
  [7_440_000, '2 h 4 min', '2 h ago'],
  [7_200_000, '2 h', '2 h ago'],
  [12 * 86_400_000 + 5 * 3_600_000, '12 d 5 h', '12 d ago'],
])('%d ms are %s, %s', (ms, long, ago) => {
  expect([sayDuration(ms), sayAgo(ms)]).toEqual([long, ago])
})

describe('--filter', () => {
  test.each([
    [['state=running'], 'aaaa'],
    [['state=ended'], 'bbbb cccc dddd'],
    [['state=failed'], 'cccc dddd'],
    [['state=succeeded', 'state=signaled'], 'bbbb dddd'],
    [['host=pi*'], 'cccc dddd'],
    [['host=pi?'], 'dddd'],
    [['host=gpu*', 'state=running'], 'aaaa'],
    [['label=team'], 'aaaa cccc'],
    [['label=team=ml'], 'aaaa'],
    [['label=constructor'], ''],
    [['label=team=ml', 'label=team=ops'], ''],
    [['name='], 'cccc dddd'],
    [['exit=3'], 'cccc'],
    [['command=sh -c*epoch*'], 'aaaa bbbb cccc dddd'],
    [['id=.*'], ''],
  ])('%j', (filters, expected) => {
    const isWanted = readFilters(filters)
    if (isProblem(isWanted)) throw new Error(JSON.stringify(isWanted))
    expect(ids(jobs.filter(isWanted))).toBe(expected)
  })

  test('what it does not know is a usage problem', () => {
    expect(readFilters(['color=red'])).toMatchObject({
      code: 'usage',
      message: "--filter takes KEY=VALUE, and knows no 'color=red'",
    })
    expect(readFilters(['state=constructor'])).toMatchObject({ code: 'usage' })
    expect(readFilters(['state=sleeping'])).toMatchObject({ code: 'usage', hint: expect.stringContaining('timed-out') })
  })

  test('as typed into top, with words', () => {
    const search = readSearch('PI state=failed')
    if (isProblem(search)) throw new Error(JSON.stringify(search))
    expect(ids(jobs.filter(search))).toBe('cccc dddd')
  })
})

test.each([
  ['host', 'aaaa bbbb dddd cccc'],
  ['-host', 'cccc dddd bbbb aaaa'],
  ['size,-id', 'dddd cccc bbbb aaaa'],
  ['exit', 'bbbb cccc aaaa dddd'],
])('--sort %s', (text, expected) => {
  const compare = readSort(text)
  if (isProblem(compare)) throw new Error(JSON.stringify(compare))
  expect(ids(jobs.toSorted(compare))).toBe(expected)
})

test('--format: columns, or a template', () => {
  expect(readFormat('id, State')).toEqual({ kind: 'columns', columns: ['id', 'state'] })
  expect(readFormat('id,colour')).toMatchObject({ code: 'usage', message: "--format knows no 'colour'" })
  expect(readFormat('{id} {colour}')).toMatchObject({ code: 'usage', message: "--format knows no 'colour'" })
  expect(readSort('colour')).toMatchObject({ code: 'usage' })
  const format = readFormat('{id}\\t{state} {{{exit}}} 100% {label.team}{label.constructor}\\\\n')
  if (isProblem(format) || format.kind !== 'template') throw new Error(JSON.stringify(format))
  expect(jobs.map(format.write)).toEqual([
    'aaaa\trunning {} 100% ml\\n',
    'bbbb\tended {0} 100% \\n',
    'cccc\tended {3} 100% ops\\n',
    'dddd\tended {SIGKILL} 100% \\n',
  ])
})

test('no field holds what moves a cursor or makes a line of its own', () => {
  const [glance] = glances(ended('eeee', { kind: 'exited', code: 0 }, { name: 'a\u001b[2Jb', labels: { k: 'x\ny' } }))
  if (glance === undefined) throw new Error('no job')
  const names = Object.keys(FIELDS) as FieldName[]
  for (const name of names) expect(FIELDS[name].text(glance)).not.toMatch(/\p{Cc}/u)
  const hostile = {
    ...glance,
    lastLine: { text: '\u001b[31mred\u001b[0m\u0007\u009b2J\u001b]0;title\u0007\tend', isOpen: true },
  }
  expect(FIELDS.last.text(hostile)).toBe('red\\x07  end')
})

test.each([
  ['one\ntwo\n', 'two', false],
  ['one\n\n  \n', 'one', false],
  ['10%\r20%\r30%', '30%', true],
  ['cut off \u00e9\n$ ', '$ ', true],
  ['', '', true],
])('the last line of %j is %j', (text, line, isOpen) => {
  expect(lastLineOf(Buffer.from(text))).toEqual({ text: line, isOpen })
})

test('the last line of what begins within a character', () => {
  expect(lastLineOf(Buffer.from('\u65e5\u672c').subarray(1)).text).toBe('\u672c')
})

describe('what is written when the screen changes', () => {
  const lines = ['head', 'one', 'two', 'three']

  test('all of it at first, nothing when nothing changed', () => {
    const first = diffScreens(undefined, lines)
    expect(first).toBe(
      '\u001b[?2026h\u001b[1;1H\u001b[J\u001b[1;1Hhead\u001b[K\u001b[2;1Hone\u001b[K\u001b[3;1Htwo\u001b[K\u001b[4;1Hthree\u001b[K\u001b[?2026l',
    )
    expect(diffScreens(lines, [...lines])).toBe('')
  })

  test('only the rows that differ, and one clearing for those that are gone', () => {
    expect(diffScreens(lines, ['head', 'one', '2', 'three'])).toBe('\u001b[?2026h\u001b[3;1H2\u001b[K\u001b[?2026l')
    expect(diffScreens(lines, ['head'])).toBe('\u001b[?2026h\u001b[2;1H\u001b[J\u001b[?2026l')
    expect(diffScreens(['head'], ['head', 'one'])).toBe('\u001b[?2026h\u001b[2;1Hone\u001b[K\u001b[?2026l')
  })
})
