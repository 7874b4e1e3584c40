// Which jobs a roster sees, where the directory's time does not tell.
import { mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jobPaths, jobsDir } from '../../../src/spool/layout.ts'
import { startRoster, type Wakes } from '../../../src/watcher/spool-events.ts'

const wakes: Wakes = {
  first: undefined,
  next: () => Promise.resolve(undefined),
  add: () => undefined,
  remove: () => undefined,
  close: () => Promise.resolve(),
}

test('a job that comes within the same tick of the clock is seen', () => {
  const spool = mkdtempSync(join(tmpdir(), 'chap-t-'))
  try {
    // Of this very moment, also on a machine that is slow meanwhile.
    const tick = new Date(Date.now() + 60_000)
    const add = (id: string): void => {
      mkdirSync(jobPaths(spool, id).dir, { recursive: true })
      utimesSync(jobsDir(spool), tick, tick)
    }
    add('aaaa')
    const roster = startRoster(spool, null, wakes)
    expect(roster.followed()).toEqual(['aaaa'])
    add('bbbb')
    roster.update()
    expect(roster.followed()).toEqual(['aaaa', 'bbbb'])
  } finally {
    rmSync(spool, { recursive: true })
  }
})
