// The note that spares a reader ten thousand looks never hides a job: whatever comes, goes, ends or grows old between two readers, under which id,
// and whatever becomes of the note.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newJob } from '../../src/domain/job.ts'
import { writeHint } from '../../src/spool/atomic.ts'
import { formatState } from '../../src/spool/state.ts'
import { listJobs } from '../../src/watcher/find-jobs.ts'
import { mountDisk } from '../rig/disk.ts'
import { idOf } from '../rig/live-jobs.ts'
import { makeEndedJob } from '../rig/records.ts'
import { testWith } from '../rig/requires.ts'

const DAY_MS = 86_400_000
/** Jobs to which nothing happens, more than are worth a note; and some to which all does. */
const OLD = 220
const CHANGED = 4
const around = { id: 'any', host: null, chaperonePid: null, now: new Date().toISOString() }
const running = formatState({ ...newJob, phase: 'running' }, around)
const ended = formatState(makeEndedJob(0), around)

let root: string
let spool: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'chap-r-'))
  spool = join(root, 'spool')
  mkdirSync(`${spool}/jobs`, { recursive: true })
  for (let number = CHANGED; number < CHANGED + OLD; number += 1) create(idOf(number), fillOld)
})
afterAll(() => rmSync(root, { recursive: true }))

const noteOf = (): string => join(spool, 'recent.json')

/** Replaces a state as a chaperone does. */
const writeState = (dir: string, text: string, mode: number, time = new Date()): void => {
  writeFileSync(`${dir}/state.new`, text, { mode })
  utimesSync(`${dir}/state.new`, time, time)
  renameSync(`${dir}/state.new`, `${dir}/state.json`)
}

let made = 0
/** As createJob does: made elsewhere, then renamed; not where there is one. */
const create = (id: string, fill: (dir: string) => void): void => {
  if (existsSync(`${spool}/jobs/${id}`)) return
  made += 1
  const staging = `${spool}/jobs/.new-${made}`
  mkdirSync(staging)
  fill(staging)
  renameSync(staging, `${spool}/jobs/${id}`)
}

const long = (now = Date.now()): Date => new Date(now - 3 * DAY_MS)
const fillRunning = (dir: string): void => writeState(dir, running, 0o600)
const fillOld = (dir: string): void => writeState(dir, ended, 0o400, long())

/** All of them long over, and no note. */
const reset = (): void => {
  for (const name of readdirSync(spool)) if (name !== 'jobs') rmSync(join(spool, name), { recursive: true })
  for (let number = 0; number < CHANGED; number += 1) {
    rmSync(`${spool}/jobs/${idOf(number)}`, { recursive: true, force: true })
    create(idOf(number), fillOld)
  }
}

/** What `ls` must find: by looking at each. */
const lookAtAll = (since: number): string[] =>
  readdirSync(`${spool}/jobs`)
    .filter((name) => !name.startsWith('.'))
    .filter((name) => {
      const { mode, mtimeMs } = statSync(`${spool}/jobs/${name}/state.json`)
      return (mode & 0o222) !== 0 || mtimeMs >= since
    })
    .sort()

/** Until a change would have another time than all before it: what a reader makes sure of by a note's age is made sure of here. */
const waitForNextTick = (): void => {
  const { ctimeNs } = statSync(`${spool}/jobs`, { bigint: true })
  const probe = join(root, 'probe')
  do writeFileSync(probe, '')
  while (statSync(probe, { bigint: true }).ctimeNs <= ctimeNs)
}

type Step = (id: string, kept: { note: string }) => void
const steps: Readonly<Record<string, Step>> = {
  start: (id) => create(id, fillRunning),
  remove: (id) => rmSync(`${spool}/jobs/${id}`, { recursive: true, force: true }),
  'remove, and start under the same id': (id) => {
    steps['remove']?.(id, { note: '' })
    create(id, fillRunning)
  },
  'exchange for another, by hand': (id) => {
    create('other', fillRunning)
    if (existsSync(`${spool}/jobs/${id}`)) renameSync(`${spool}/jobs/${id}`, `${spool}/away-${made}`)
    renameSync(`${spool}/jobs/other`, `${spool}/jobs/${id}`)
  },
  'bring back one that was old': (id) => create(id, fillOld),
  end: (id) => {
    const dir = `${spool}/jobs/${id}`
    const stats = statSync(`${dir}/state.json`, { throwIfNoEntry: false })
    if (stats !== undefined && (stats.mode & 0o222) !== 0) writeState(dir, ended, 0o400)
  },
  'grow old': (id) => {
    const stats = statSync(`${spool}/jobs/${id}/state.json`, { throwIfNoEntry: false })
    if (stats !== undefined && (stats.mode & 0o222) === 0) utimesSync(`${spool}/jobs/${id}/state.json`, long(), long())
  },
  'keep the note': (_, kept) => {
    kept.note = existsSync(noteOf()) ? readFileSync(noteOf(), 'utf8') : ''
  },
  'publish a note that was kept, late': (_, kept) => writeFileSync(noteOf(), kept.note),
  'cut the note': (_, kept) => writeFileSync(noteOf(), kept.note.slice(0, kept.note.length / 2)),
  'lose the note': () => rmSync(noteOf(), { force: true }),
  'leave half a note under its temporary name': () => writeFileSync(`${noteOf()}.${process.pid}.new`, '{'),
  'take that away': () => rmSync(`${noteOf()}.${process.pid}.new`, { force: true }),
}

test('whatever happens between two looks', () => {
  const step = fc.tuple(
    fc.constantFrom(...Object.keys(steps)),
    fc.nat(CHANGED - 1),
    fc.constantFrom(DAY_MS, DAY_MS, 4 * DAY_MS, 60_000),
  )
  let used = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }), (calls) => {
      reset()
      const kept = { note: '' }
      for (const [name, number, age] of calls) {
        steps[name]?.(idOf(number), kept)
        waitForNextTick()
        // A reader whose clock is later: so it may leave a note at once.
        const now = Date.now() + 10_000
        const found = listJobs(spool, now, now - age).map(({ id }) => id)
        expect(found.sort(), `behind: ${name}`).toEqual(lookAtAll(now - age))
        used += Number(existsSync(noteOf()))
      }
    }),
    { numRuns: 25 },
  )
  expect(used).toBeGreaterThan(100)
})

test('right behind a change there is no note: another could have the same time', () => {
  reset()
  expect(listJobs(spool, Date.now(), Date.now() - DAY_MS)).toEqual([])
  expect(existsSync(noteOf())).toBe(false)
  expect(listJobs(spool, Date.now() + 10_000, Date.now() - DAY_MS)).toEqual([])
  expect(JSON.parse(readFileSync(noteOf(), 'utf8'))).toMatchObject({ jobs: [] })
})

testWith('root', 'linux')('on a full disk there is none, and nothing is left of the try', () => {
  const disk = mountDisk(join(root, 'disk'), 64)
  try {
    const path = join(disk.path, 'recent.json')
    writeHint(path, 'first')
    const fd = openSync(join(disk.path, 'rest'), 'w')
    expect(() => {
      for (;;) writeFileSync(fd, Buffer.alloc(4_096))
    }).toThrow('ENOSPC')
    fsyncSync(fd)
    closeSync(fd)
    writeHint(path, 'second')
    expect(readdirSync(disk.path).sort()).toEqual(['recent.json', 'rest'])
    expect(readFileSync(path, 'utf8')).toBe('first')
  } finally {
    disk.release()
  }
})
