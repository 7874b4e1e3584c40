// What a job's bytes turn on in a terminal, and what turns it off again.
import { expect, test } from 'vitest'
import { leavesScreen, trackModes } from '../../../src/cli/terminal-modes.ts'

/** What undoes these bytes, told in pieces of so many. */
const undoOf = (text: string, piece = Number.POSITIVE_INFINITY): string => {
  const modes = trackModes()
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += piece) modes.take('stdout', bytes.subarray(at, at + piece))
  const isChanged = modes.isChanged()
  const undo = modes.undo()
  expect([isChanged, modes.isChanged(), modes.undo()]).toEqual([undo !== '', false, ''])
  return undo
}

test.each([
  ['plain text, also of other letters', 'echo ok\r\n50% \tgr\u00fc\u00dfe \u{1f600}\n', ''],
  ['colours', '\u001b[31;1mred', '\u001b[0m'],
  ['colours, and back', '\u001b[31mred\u001b[0m and \u001b[38;5;9mred\u001b[m', ''],
  ['a colour that is number 0', '\u001b[38;5;0m', '\u001b[0m'],
  ['no cursor', '\u001b[?25l', '\u001b[?25h'],
  ['no cursor, and back', '\u001b[?25l\u001b[?25h', ''],
  ['lines that do not wrap', '\u001b[?7l', '\u001b[?7h'],
  ['the mouse, two modes at once', '\u001b[?1000;1006h', '\u001b[?1000l\u001b[?1006l'],
  ['pasting in brackets', '\u001b[?2004h', '\u001b[?2004l'],
  ['the other screen, which is left before all else', '\u001b[31m\u001b[?1049h', '\u001b[?1049l\u001b[0m'],
  ['the other screen, and back', '\u001b[?1049h\u001b[2J\u001b[H\u001b[?1049l', ''],
  ['drawings for letters', '\u001b(0lqqk', '\u001b(B'],
  ['drawings by a shift', 'a\u000elqqk', '\u000f'],
  ['drawings, and back', '\u001b(0lqqk\u001b(B\u000eq\u000f', ''],
  ['a region that scrolls', '\u001b[5;10r', '\u001b7\u001b[r\u001b8'],
  ['letters put in between', '\u001b[4h', '\u001b[4l'],
  ['keys of an application', '\u001b[?1h\u001b=', '\u001b[?1l\u001b>'],
  ['another cursor', '\u001b[5 q', '\u001b[0 q'],
  ['keys told in full', '\u001b[>1u', '\u001b[<u'],
  ['a link', '\u001b]8;;https://x.org\u0007x', '\u001b]8;;\u001b\\'],
  ['a link, and its end', '\u001b]8;id=1;https://x.org\u001b\\x\u001b]8;;\u001b\\', ''],
  ['another ground', '\u001b]11;#ff0000\u0007', '\u001b]111\u001b\\'],
  ['what only asks for the ground', '\u001b]11;?\u0007', ''],
  ['a title', '\u001b]0;\u001b[31m no\u0007', '\u001b[0m'],
  ['a full reset', '\u001b[31m\u001b[?1049h\u001b[?25l\u001bc', ''],
  ['a sequence that is not over', 'x\u001b[3', '\u0018'],
  ['a title that is not over', 'x\u001b]0;title', '\u0018'],
  ['what moves, clears and asks', '\u001b[2J\u001b[10;5H\u001b[K\u001b[6n\u001b[c\u001b[s\u001b[u', ''],
])('%s', (_, text, undo) => {
  for (const piece of [Number.POSITIVE_INFINITY, 1, 2, 3]) expect(undoOf(text, piece)).toBe(undo)
})

test('a title that never ends is given up, and keeps no memory', () => {
  expect(undoOf(`\u001b]0;${'x'.repeat(100_000)}`, 1_000)).toBe('\u0018')
  expect(undoOf(`\u001b]0;${'x'.repeat(100_000)}\u001b[31m`, 1_000)).toBe('\u0018\u001b[0m')
})

test('two streams are one terminal, but each has its own sequences', () => {
  const modes = trackModes()
  modes.take('stdout', Buffer.from('\u001b[3'))
  modes.take('stderr', Buffer.from('\u001b[?25l'))
  modes.take('stdout', Buffer.from('1m'))
  expect(modes.undo()).toBe('\u001b[?25h\u001b[0m')
})

test('any bytes at all do no harm', () => {
  const bytes = Buffer.from(Array.from({ length: 65_536 }, (_, at) => (at * 7919) % 256))
  const modes = trackModes()
  modes.take('stdout', bytes)
  expect(leavesScreen(modes.undo())).toBe(false)
})
