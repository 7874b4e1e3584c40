// Removing a job tells the chaperone that holds it.
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeJob } from '../../../src/watcher/remove-jobs.ts'
import { localDraft, makeJob } from '../../rig/job.ts'
import { cleanUp, makeSpool, type Spool } from '../../rig/spool.ts'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

test('it is rung for when the job is away, and once', () => {
  const { paths } = makeJob(spool, localDraft(['true']))
  const bell = openSync(paths.doorbell, constants.O_RDWR | constants.O_NONBLOCK)
  try {
    expect(removeJob(spool.dir, paths)).toBe(true)
    expect(existsSync(paths.dir)).toBe(false)
    expect(readSync(bell, Buffer.alloc(8))).toBe(1)
  } finally {
    closeSync(bell)
  }
  expect(removeJob(spool.dir, paths)).toBe(false)
})
