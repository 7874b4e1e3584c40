/** A batch comes to the shared file once, wherever the one that appended it died. */
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openSharedFile } from '../../../src/chaperone/shared-file.ts'

const root = mkdtempSync(join(tmpdir(), 'chap-t-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let count = 0
const make = () => {
  count += 1
  const [path, journal] = [join(root, `${count}.log`), join(root, `${count}.central`)]
  writeFileSync(path, 'other\n')
  const shared = openSharedFile(path, journal)
  shared.put(Buffer.from('one\ntwo\nthree\n'), { stdout: 14, stderr: 0 })
  expect(shared.flush()).toBeNull()
  return { path, journal, takeOver: () => openSharedFile(path, journal) }
}

test('all of it was written: nothing is pending, also behind lines of others, and in a file that was rotated away', () => {
  const one = make()
  appendFileSync(one.path, 'other\n')
  expect(one.takeOver().hasPending()).toBe(false)
  expect(one.takeOver().offsets()).toEqual({ stdout: 14, stderr: 0 })
  renameSync(one.path, `${one.path}.1`)
  writeFileSync(one.path, 'new\n')
  expect(one.takeOver().hasPending()).toBe(false)
})

test.each([0, 2, 4, 7, 8, 13])('killed after %i bytes: the rest comes, in whole lines', (bytes) => {
  const one = make()
  truncateSync(one.path, 6 + bytes)
  const shared = one.takeOver()
  expect(shared.hasPending()).toBe(true)
  expect(shared.flush()).toBeNull()
  const lines = readFileSync(one.path, 'utf8').split('\n')
  for (const line of ['one', 'two', 'three']) expect(lines.filter((seen) => seen === line)).toHaveLength(1)
  // Of the line in which it was killed the beginning is left.
  expect(lines.length).toBeLessThanOrEqual(6)
  expect(one.takeOver().hasPending()).toBe(false)
})

test('what is no file is not written to', () => {
  const shared = openSharedFile(root, join(root, 'x'))
  shared.put(Buffer.from('one\n'), { stdout: 4, stderr: 0 })
  expect(shared.flush()).toMatch(/EISDIR/)
  expect(shared.hasPending()).toBe(true)
})
