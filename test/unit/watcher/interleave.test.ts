/** Two streams, in the order of their timeline. */
import { expect, test } from 'vitest'
import type { Mark } from '../../../src/spool/timeline.ts'
import { interleave } from '../../../src/watcher/interleave.ts'

const marksOf = (...sizes: readonly [Mark['stream'], number][]) => {
  const marks = sizes.map(([stream, size], time): Mark => ({ time, stream, size }))
  return { peek: () => marks[0], skip: () => void marks.shift(), left: () => marks.length }
}

const none = { stdout: 0, stderr: 0 }

test('segments come in order of time, neighbours of a stream as one', () => {
  const marks = marksOf(['stdout', 2], ['stdout', 4], ['stderr', 3], ['stdout', 9], ['stderr', 5])
  expect([...interleave(none, { stdout: 9, stderr: 5 }, marks)]).toEqual([
    { stream: 'stdout', end: 4 },
    { stream: 'stderr', end: 3 },
    { stream: 'stdout', end: 9 },
    { stream: 'stderr', end: 5 },
  ])
})

test('what has no mark yet comes last', () => {
  expect([...interleave(none, { stdout: 9, stderr: 5 }, marksOf(['stderr', 5]))]).toEqual([
    { stream: 'stderr', end: 5 },
    { stream: 'stdout', end: 9 },
  ])
  expect([...interleave(none, { stdout: 9, stderr: 5 }, marksOf(['stderr', 2]))]).toEqual([
    { stream: 'stderr', end: 5 },
    { stream: 'stdout', end: 9 },
  ])
})

test('one stream alone needs no marks, and what was shown before is not shown again', () => {
  const marks = marksOf(['stdout', 4], ['stderr', 3])
  expect([...interleave({ stdout: 4, stderr: 0 }, { stdout: 4, stderr: 3 }, marks)]).toEqual([
    { stream: 'stderr', end: 3 },
  ])
  expect(marks.left()).toBe(2)
  expect([...interleave({ stdout: 5, stderr: 3 }, { stdout: 8, stderr: 6 }, marks)]).toEqual([
    { stream: 'stdout', end: 8 },
    { stream: 'stderr', end: 6 },
  ])
})

test('a mark beyond what is wanted now stays for the next time', () => {
  const marks = marksOf(['stdout', 10], ['stderr', 4], ['stdout', 12])
  expect([...interleave(none, { stdout: 6, stderr: 4 }, marks)]).toEqual([
    { stream: 'stdout', end: 6 },
    { stream: 'stderr', end: 4 },
  ])
  expect(marks.left()).toBe(3)
})

test('nothing to show is nothing', () => {
  expect([...interleave(none, none, marksOf(['stdout', 4]))]).toEqual([])
})
