/** Of a job that ends while the backlog is shown no line is cut where the backlog ended. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sinkLines } from '../../../src/cli/line-sink.ts'
import { newJob } from '../../../src/domain/job.ts'
import { writeRecord } from '../../../src/spool/atomic.ts'
import { type JobPaths, pathsIn } from '../../../src/spool/layout.ts'
import { recordOfSpec } from '../../../src/spool/spec.ts'
import { formatState } from '../../../src/spool/state.ts'
import { followMany } from '../../../src/watcher/follow-many.ts'
import { makeEndedJob, makeSpec } from '../../rig/records.ts'

const root = mkdtempSync(join(tmpdir(), 'chap-t-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const around = { id: 'k3f9', host: null, chaperonePid: null, now: '2026-01-01T00:00:00.000Z' }

/** A job that runs. */
const makeJob = (name: string): JobPaths => {
  const paths = pathsIn(join(root, name))
  mkdirSync(paths.dir)
  const created = { time: new Date().toISOString(), host: 'here', user: 'me' }
  writeFileSync(paths.spec, JSON.stringify(recordOfSpec(makeSpec({ created }))))
  writeFileSync(paths.state, formatState({ ...newJob, phase: 'running' }, around))
  for (const path of [paths.stdout, paths.stderr, paths.timeline]) writeFileSync(path, '')
  return paths
}

const endJob = (paths: JobPaths, stdout: number): void =>
  writeRecord(paths.state, formatState(makeEndedJob(0, { stdout, stderr: 0 }), around), null)

test('a job ends while its backlog is written', async () => {
  const paths = makeJob('job')
  writeFileSync(paths.stdout, 'one\nha')
  let shown = ''
  const write = (bytes: Uint8Array): Promise<boolean> => {
    if (shown === '') {
      appendFileSync(paths.stdout, 'lf\nend')
      endJob(paths, 12)
    }
    shown += Buffer.from(bytes).toString()
    return Promise.resolve(true)
  }
  const show = sinkLines(
    { write },
    (page, bytes, start, end) => {
      page.put(bytes, start, end)
      page.putAll(Buffer.from('\n'))
    },
    { from: 0, isStrict: false },
  )
  const member = {
    id: 'k3f9',
    paths,
    sinks: { stdout: show, stderr: null },
    from: { stdout: 0, stderr: 0 },
    created: 0,
    options: {},
    end: show.end,
  }
  const kinds: string[] = []
  await followMany([member], async (_, { kind }) => void kinds.push(kind), new AbortController().signal)
  expect(kinds).toEqual(['ended'])
  expect(shown).toBe('one\nhalf\nend\n')
})

test('a job is followed to its end, at whichever look it ends', async () => {
  let last = 0
  for (let looks = 1; last < looks; ) {
    last += 1
    const files = makeJob(`job-${last}`)
    looks = 0
    const member = {
      id: 'k3f9',
      get paths() {
        looks += 1
        if (looks === last) endJob(files, 0)
        return files
      },
      sinks: { stdout: null, stderr: null },
      from: { stdout: 0, stderr: 0 },
      created: 0,
      options: {},
      end: async () => true,
    }
    const kinds: string[] = []
    await followMany([member], async (_, { kind }) => void kinds.push(kind), AbortSignal.timeout(5_000))
    expect(kinds, `ended at look ${last}`).toEqual(['ended'])
  }
  expect(last).toBeGreaterThan(3)
})
