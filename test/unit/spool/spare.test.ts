/** Spares hold one record each, whole or not at all, and never bring back what was deleted. On full disks: test/fault/local-disk.test.ts. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fillSpares, findRoom, writeInSpare } from '../../../src/spool/spare.ts'

let dir: string
let spares: string
let record: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'chap-t-spare-'))
  spares = join(dir, 'spares')
  record = join(dir, 'record')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a record takes the place of a spare, cut to its length, and the next filling replaces that', () => {
  fillSpares(spares)
  const inode = statSync(join(spares, '1')).ino
  expect(writeInSpare(spares, record, Buffer.from('a record'))).toBe(true)
  expect(readFileSync(record, 'utf8')).toBe('a record')
  expect(statSync(record).ino).toBe(inode)
  expect(readdirSync(spares).sort()).toEqual(['2', '3', '4'])
  findRoom(spares)
  expect(readdirSync(spares).sort()).toEqual(['1', '2', '3', '4'])
  for (const name of readdirSync(spares)) expect(statSync(join(spares, name)).size).toBe(4_096)
})

test('a record that is longer than a spare takes none', () => {
  fillSpares(spares)
  expect(writeInSpare(spares, record, Buffer.alloc(4_097))).toBe(false)
  expect(readdirSync(spares)).toHaveLength(4)
  expect(writeInSpare(spares, record, Buffer.alloc(4_096, 'x'))).toBe(true)
  expect(readFileSync(record, 'utf8')).toBe('x'.repeat(4_096))
})

test('one that a power cut left short is passed over; with none left nothing is written', () => {
  fillSpares(spares)
  for (const name of ['1', '3', '4']) truncateSync(join(spares, name), 3)
  expect(writeInSpare(spares, record, Buffer.from('a record'))).toBe(true)
  expect(readFileSync(record, 'utf8')).toBe('a record')
  expect(writeInSpare(spares, record, Buffer.from('another'))).toBe(false)
  expect(readdirSync(spares)).toEqual([])
})

test('the directory of a job that was deleted does not come back', () => {
  rmSync(dir, { recursive: true })
  expect(() => findRoom(spares)).toThrow('ENOENT')
  expect(existsSync(dir)).toBe(false)
})
