// A disk of the spool that runs low is said before it is full: by start and run, and by ls to people.
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRoom, runsLow } from '../../src/spool/room.ts'
import { chap, program } from '../rig/chap.ts'
import { type Disk, mountDisk } from '../rig/disk.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { openTerminal } from '../rig/terminal.ts'

let spool: Spool
let disk: Disk | undefined
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(async () => {
  // Lazily: who is still there goes on with it, and is ended with the spool.
  disk?.release()
  disk = undefined
  await cleanUp(spool)
})

const GIB = 1024 ** 3
const plenty = { freeFiles: 100_000, files: 1_000_000 }
test.each([
  ['a tenth', { free: 0.1 * GIB, size: GIB, ...plenty }, null],
  ['little of little', { free: 0.04 * GIB, size: GIB, ...plenty }, 'bytes'],
  ['a small part that is much', { free: 2 * GIB, size: 1000 * GIB, ...plenty }, null],
  ['a small part of much', { free: 0.9 * GIB, size: 1000 * GIB, ...plenty }, 'bytes'],
  ['few files', { free: GIB, size: 2 * GIB, freeFiles: 100, files: 100_000 }, 'files'],
  ['no limit for files', { free: GIB, size: 2 * GIB, freeFiles: 0, files: 0 }, null],
  ['one that does not say', { free: 0, size: 0, freeFiles: 0, files: 0 }, null],
] as const)('%s: %j is %s', (_, room, low) => {
  expect(runsLow(room)).toBe(low)
})

testWith(
  'linux',
  'root',
  'tmux',
)('a warning on stderr, also for programs, and not with -q', async () => {
  disk = mountDisk(spool.dir, 16_384)
  expect((await chap(['start', '--', 'true'], { spool })).stderr).toBe('')
  const { free } = readRoom(spool.dir)
  writeFileSync(`${spool.dir}/ballast`, Buffer.alloc(free - 600_000))
  const words = /^chap: warning: only \d+K left on the disk of the spool \S+\nhint: chap ls --disk .*chap prune .*\n$/
  const started = await chap(['start', '--', 'true'], { spool })
  expect(started).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\w+\n$/) })
  expect(started.stderr).toMatch(words)
  expect((await chap(['run', '--', 'true'], { spool })).stderr).toMatch(words)
  const json = await chap(['start', '--json', '--', 'true'], { spool })
  expect(JSON.parse(json.stdout)).toMatchObject({ id: expect.any(String) })
  expect(JSON.parse(json.stderr)).toMatchObject({ warning: { code: 'low_disk' } })
  expect((await chap(['start', '-q', '--', 'true'], { spool })).stderr).toBe('')
  expect((await chap(['ls'], { spool })).stderr).toBe('')
  const terminal = openTerminal(spool, 'ls', ['sh', '-c', `'${process.execPath}' '${program}' ls`])
  try {
    await terminal.untilShown(/ID +STATE[\s\S]*\nchap: warning: only \d+K left/)
  } finally {
    terminal.close()
  }
})
