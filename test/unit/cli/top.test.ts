// What `chap top` shows, and what keys do to it.
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { safeLine } from '../../../src/cli/safe-text.ts'
import { divide, frameOf } from '../../../src/cli/top/frame.ts'
import {
  type Key,
  type KeyName,
  keysOfText,
  type Model,
  newModel,
  press,
  type Wish,
  withJobs,
} from '../../../src/cli/top/model.ts'
import { cutLine, followOutput, type OutputLine } from '../../../src/cli/top/output.ts'
import { ended, glances, running } from './views.ts'

const jobs = glances(
  running('aaaa', { name: 'train', host: 'gpu1' }),
  running('bbbb'),
  ended('cccc', { kind: 'exited', code: 3 }),
)
const listed = withJobs(newModel(''), ['aaaa', 'bbbb', 'cccc'])
const page = { rows: 10, lines: 100 }

/** @param keys names in angle brackets, letters as they are: `jj<enter>` */
const typed = (model: Model, keys: string): { readonly model: Model; readonly wishes: readonly Wish[] } => {
  const wishes: Wish[] = []
  let now = model
  for (const [word] of keys.matchAll(/<\w+>|./g)) {
    const key: Key = word.startsWith('<') ? { name: word.slice(1, -1) as KeyName } : { text: word }
    const { model: next, wish } = press(now, key, page)
    now = next
    if (wish !== undefined) wishes.push(wish)
  }
  return { model: now, wishes }
}

test.each([
  ['', 'aaaa'],
  ['j', 'bbbb'],
  ['<down><down><down>', 'cccc'],
  ['Gk', 'bbbb'],
  ['Gg', 'aaaa'],
  ['<end><up>', 'bbbb'],
])('the keys %j choose %s', (keys, chosen) => expect(typed(listed, keys).model.chosen).toBe(chosen))

test('the chosen job stays chosen wherever it goes, and its neighbour takes its place', () => {
  const { model } = typed(listed, 'j')
  expect(withJobs(model, ['nnnn', 'aaaa', 'bbbb', 'cccc']).chosen).toBe('bbbb')
  expect(withJobs(model, ['aaaa', 'cccc']).chosen).toBe('cccc')
  expect(withJobs(model, []).chosen).toBeNull()
  expect(withJobs(withJobs(model, []), ['cccc']).chosen).toBe('cccc')
})

test('a kill asks first, and about that job alone', () => {
  expect(typed(listed, 'jxy').wishes).toEqual([{ kind: 'kill', id: 'bbbb' }])
  for (const keys of ['xn', 'x<escape>', 'x<enter>', 'xq']) expect(typed(listed, keys).wishes).toEqual([])
  const asking = typed(listed, 'jx').model
  expect(withJobs(asking, ['aaaa', 'cccc']).mode).toBe('list')
})

test('what is pasted ends no job', () => {
  const paste = (model: Model, text: string): readonly (Wish | undefined)[] => {
    let now = model
    return keysOfText(text).map((key) => {
      const { model: next, wish } = press(now, key, page)
      now = next
      return wish
    })
  }
  expect(paste(listed, 'proxy').filter((wish) => wish !== undefined)).toEqual([])
  expect(paste(typed(listed, 'x').model, 'y')).toEqual([{ kind: 'kill', id: 'aaaa' }])
})

test('long lines cost no more than short ones', () => {
  expect(cutLine({ stream: 'stderr', text: 'x'.repeat(2 ** 20) })).toEqual({
    stream: 'stderr',
    text: 'x'.repeat(4_096),
  })
  expect(cutLine({ stream: 'stdout', text: 'short' }).text).toBe('short')
})

test('a defect while output is read is passed on, not left to end the process', async () => {
  const defect = new Error('a defect')
  const seen = new Promise((resolve) => {
    const output = followOutput(
      '/nowhere',
      () => {
        throw defect
      },
      resolve,
    )
    output.show(running('gone'))
  })
  expect(await seen).toBe(defect)
})

test('titles that never end take no time to be shown', { timeout: 3_000 }, () => {
  expect(safeLine('\u009d'.repeat(100_000))).toBe('\\x9d'.repeat(100_000))
})

test('keys that leave', () => {
  expect(typed(listed, 'j<enter>').wishes).toEqual([{ kind: 'attach', id: 'bbbb' }])
  expect(typed(listed, 'q').wishes).toEqual([{ kind: 'quit' }])
  expect(typed(listed, 'x<interrupt>').wishes).toEqual([{ kind: 'quit' }])
  expect(typed(listed, '/<suspend>').wishes).toEqual([{ kind: 'suspend' }])
  expect(typed(newModel(''), '<enter>xj').wishes).toEqual([])
})

test('letters of a filter are no commands', () => {
  const { model, wishes } = typed(listed, '/qx<backspace>j<enter>')
  expect([model.search, model.mode, wishes]).toEqual(['qj', 'list', []])
  expect(typed(model, '<escape>').model.search).toBe('')
  expect(typed(model, '/<clear>k<enter>').model.search).toBe('k')
})

test('the output stands still when it is told to, or scrolled, and follows again', () => {
  expect(typed(listed, 'f').model.isFollowing).toBe(false)
  expect(typed(listed, 'ff').model.isFollowing).toBe(true)
  const back = typed(listed, '<pageUp><pageUp>').model
  expect([back.isFollowing, back.back]).toEqual([false, 10])
  expect(typed(listed, '<pageUp>'.repeat(50)).model.back).toBe(90)
  expect(typed(back, '<pageDown><pageDown>').model).toMatchObject({ isFollowing: true, back: 0 })
  expect(typed(back, 'j').model).toMatchObject({ isFollowing: true, back: 0 })
})

const painting = { columns: 79, hasColor: false, hasGlyphs: true }
const output: readonly OutputLine[] = Array.from({ length: 50 }, (_, line) => ({
  stream: 'stdout',
  text: `line ${line}`,
}))
const frame = (model: Model, rows = 23, columns = 79, hasColor = false): readonly string[] =>
  frameOf({ model, glances: jobs, output }, { ...painting, columns, hasColor }, rows)

test('the frame fills the terminal at every size, and no line is wider', () => {
  for (const columns of [10, 39, 79, 199])
    for (const rows of [5, 11, 23, 59])
      for (const model of [listed, typed(listed, '?').model, typed(listed, 'x').model, typed(listed, '/abc').model]) {
        const lines = frame(model, rows, columns, true)
        expect(lines).toHaveLength(rows)
        for (const line of lines) expect(stringWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns)
      }
})

test('the jobs above, the output of the chosen one below', () => {
  const lines = frame(typed(listed, 'j').model)
  expect(lines[0]).toBe('chap top  2 running, 1 failed')
  expect(lines[2]).toMatch(/^ {2}aaaa {2}train {2}gpu1 {2}● running /)
  expect(lines[3]).toMatch(/^> bbbb /)
  expect(lines[5]).toMatch(/^── bbbb {2}running {2}sh -c /)
  expect(lines.slice(6, -1)).toEqual(output.slice(-16).map(({ text }) => text))
  expect(frame(typed(listed, '<pageUp>').model).at(-2)).toBe('line 44')
})

test('the chosen one is seen in a list that is longer than the screen', () => {
  const many = glances(
    ...Array.from({ length: 90 }, (_, index) => running(`j${String.fromCharCode(97 + (index % 26))}${index + 100}`)),
  )
  const ids = many.map(({ view }) => view.id)
  for (const place of [0, 1, 44, 88, 89]) {
    const model = { ...withJobs(newModel(''), ids), chosen: ids[place] ?? '' }
    const lines = frameOf({ model, glances: many, output: [] }, painting, 23)
    expect(lines.filter((line) => line.startsWith('> '))).toEqual([expect.stringContaining(ids[place] ?? '')])
    expect(lines[divide(23, 90).list]).toMatch(/^[> ] j/)
  }
})

test("what a job writes can't move the cursor", () => {
  const hostile = [{ stream: 'stderr' as const, text: '\u001b[2J\u001b[31mred\u0007' }]
  const lines = frameOf({ model: listed, glances: jobs, output: hostile }, { ...painting, hasColor: true }, 23)
  expect(lines[6]).toBe('\u001b[38;5;166mred\\x07\u001b[39m')
})
