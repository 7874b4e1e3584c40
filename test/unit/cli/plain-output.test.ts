// What is written without node's streams arrives whole, also where the pipe does not wait.
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Output } from '../../../src/cli/context.ts'
import { plainOutput } from '../../../src/cli/plain-output.ts'

const dir = mkdtempSync(join(tmpdir(), 'chap-o-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** More than a pipe holds. */
const text = 'ä line\n'.repeat(50_000)

const usualInto = (left: Buffer[]): Output => ({
  isTerminal: true,
  columns: 80,
  write: async (chunk) => {
    left.push(Buffer.from(chunk))
    return true
  },
})

const openPipe = (name: string) => {
  const path = join(dir, name)
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) }
}

test('into a file', async () => {
  const fd = openSync(join(dir, 'file'), 'w')
  const left: Buffer[] = []
  const output = plainOutput(fd, usualInto(left))
  expect(output.isTerminal).toBe(false)
  expect(await output.write(text)).toBe(true)
  closeSync(fd)
  expect(readFileSync(join(dir, 'file'), 'utf8')).toBe(text)
  expect(left).toEqual([])
})

test('into a pipe that is full and does not wait: what is left goes the usual way', async () => {
  const { reader, writer } = openPipe('full')
  const left: Buffer[] = []
  expect(await plainOutput(writer, usualInto(left)).write(text)).toBe(true)
  const bytes = Buffer.alloc(text.length * 2)
  const taken = bytes.subarray(0, readSync(reader, bytes))
  expect(taken.length).toBeGreaterThan(0)
  expect(left).toHaveLength(1)
  expect(Buffer.concat([taken, ...left]).equals(Buffer.from(text))).toBe(true)
  closeSync(reader)
  closeSync(writer)
})

test('nobody reads any more, and what is neither a file nor a pipe is left as it is', async () => {
  const { reader, writer } = openPipe('unread')
  closeSync(reader)
  const usual = usualInto([])
  expect(await plainOutput(writer, usual).write(text)).toBe(false)
  closeSync(writer)
  const fd = openSync('/dev/null', 'w')
  expect(plainOutput(fd, usual)).toBe(usual)
  closeSync(fd)
})
