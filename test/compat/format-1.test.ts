// A spool of format 1, frozen: it must load to these very values for ever. Never change a file below format-1/; add others beside it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOwner } from '../../src/spool/chaperones.ts'
import { readEnvironment } from '../../src/spool/environment.ts'
import { type JobPaths, jobPaths } from '../../src/spool/layout.ts'
import { readAnswer, readOpenRequests } from '../../src/spool/requests.ts'
import { readSpec } from '../../src/spool/spec.ts'
import { readState } from '../../src/spool/state.ts'
import { parseMarks } from '../../src/spool/timeline.ts'
import { makeSpec } from '../rig/records.ts'
import { bootId, by, expected } from './format-1-jobs.ts'

const pathsOf = (id: string): JobPaths => jobPaths(fileURLToPath(new URL('./format-1', import.meta.url)), id)

test.each(Object.entries(expected))('%s loads', (id, { spec: wanted, job }) => {
  expect(readSpec(pathsOf(id).spec)).toEqual({ ok: true, value: wanted })
  expect(readState(pathsOf(id).state)).toMatchObject({ ok: true, value: { job } })
})

test('what belongs to the jobs loads', () => {
  const [running, stopped] = [pathsOf('reconnecting'), pathsOf('signaled')]
  expect(readState(running.state)).toMatchObject({ value: { chaperonePid: 4000, updated: '2026-03-01T12:00:06.000Z' } })
  expect(readOwner(running)).toEqual({
    number: 2,
    identity: { host: 'laptop', bootId, pid: 4000, startTime: '601969' },
  })
  const asked = {
    id: '2026-03-01T12-00-05-000Z-77aa',
    time: '2026-03-01T12:00:05.000Z',
    by,
    kind: 'signal',
    signal: 'SIGUSR1',
  }
  expect(readOpenRequests(running.requests)).toEqual({ requests: [asked], invalid: new Map() })
  const asks = makeSpec({ env: { SEED: null } })
  expect(readEnvironment(running.environment, asks)).toEqual({ ok: true, value: { ...asks, env: { SEED: '7' } } })
  expect(readOpenRequests(stopped.requests).requests).toEqual([])
  expect(readAnswer(stopped.requests, '2026-03-01T12-00-02-000Z-9d3f')).toMatchObject({ value: { result: 'stopping' } })
  expect(parseMarks(readFileSync(pathsOf('finished').timeline, 'utf8'))).toEqual([
    { time: Date.parse('2026-03-01T12:00:01.500Z'), stream: 'stdout', size: 2 },
    { time: Date.parse('2026-03-01T12:00:01.550Z'), stream: 'stdout', size: 6 },
  ])
})

describe('a record that is not as it was written', () => {
  let dir: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'chap-t-'))
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  const text = readFileSync(pathsOf('reconnecting').state, 'utf8')
  const readText = (changed: string | Buffer): ReturnType<typeof readState> => {
    writeFileSync(join(dir, 'state.json'), changed)
    return readState(join(dir, 'state.json'))
  }

  test('fields of a later chap are passed over', () => {
    const record = JSON.parse(text) as Record<string, object>
    const later = { ...record, weather: 'fine', link: { ...record['link'], colour: { of: ['the', 'cable'] } } }
    expect(readText(JSON.stringify(later))).toEqual(readText(text))
  })

  test('a higher format is said to be newer', () => {
    const fault = { code: 'newer', format: 2 }
    expect(readText(text.replace('"format": 1', '"format": 2'))).toMatchObject({ ok: false, fault })
    expect(readText('{"format":2}')).toMatchObject({ ok: false, fault })
  })

  test('cut anywhere, it is damaged', () => {
    const bytes = Buffer.from(text.trimEnd())
    const cuts = Array.from({ length: bytes.length }, (_, length) => readText(bytes.subarray(0, length)))
    expect(cuts.filter((read) => read.ok || read.fault.code !== 'damaged')).toEqual([])
  })

  test.each(['', '\0\0\0\0', 'null', '[]', '1', '{}', '{"format":1}', '{"format":"1"}'])('%j is damaged', (changed) => {
    expect(readText(changed)).toMatchObject({ ok: false, fault: { code: 'damaged' } })
  })

  test("a state that there is no such thing as is a newer chap's; a number that can not be is damaged; both say where", () => {
    expect(readText(text.replace('"state": "reconnecting"', '"state": "happy"'))).toMatchObject({
      ok: false,
      fault: { code: 'newer', detail: expect.stringContaining('"happy"') },
    })
    const detail = expect.stringContaining('link.generation')
    expect(readText(text.replace('"generation": 3', '"generation": -3'))).toMatchObject({
      fault: { code: 'damaged', detail },
    })
  })

  test('no file is missing', () => {
    expect(readState(join(dir, 'none.json'))).toMatchObject({ ok: false, fault: { code: 'missing' } })
  })
})
