/** chap history: what did not end well stays visible when its job is removed. */
import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chap } from '../rig/chap.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

interface Entry {
  readonly job: string
  readonly run: number | null
  readonly how: string
  readonly detail: string | null
  readonly exit_status: number | null
  readonly kept: boolean
}

const history = async (...args: readonly string[]): Promise<Entry[]> =>
  JSON.parse((await chap(['history', '--json', ...args], { spool })).stdout)

const begin = async (...args: readonly string[]): Promise<string> => {
  const id = (await chap(['start', ...args], { spool })).stdout.trim()
  await chap(['wait', id], { spool })
  return id
}

test('jobs that failed, timed out or were killed; those that did well are not shown', async () => {
  await begin('--', 'true')
  const failed = await begin('-n', 'bad', '-c', 'exit 3')
  const late = await begin('--timeout', '1s', '--', 'sleep', '60')
  const killed = await begin('-c', 'kill -9 $$')
  expect(await history()).toMatchObject([
    { job: failed, run: null, how: 'exited', detail: null, exit_status: 3, kept: false },
    { job: late, how: 'timeout', exit_status: 124, kept: false },
    { job: killed, how: 'signaled', detail: 'SIGKILL', exit_status: 137, kept: false },
  ])
  await chap(['rm', 'bad'], { spool })
  expect((await history('bad')).map(({ job, kept }) => [job, kept])).toEqual([[failed, true]])
  expect((await chap(['prune', '--older-than', '0s'], { spool })).stdout.trim().split('\n')).toHaveLength(3)
  expect((await history()).map(({ job, kept }) => [job, kept])).toEqual([
    [failed, true],
    [late, true],
    [killed, true],
  ])
  expect(statSync(join(spool.dir, 'history')).mode & 0o777).toBe(0o600)
  expect(await history('--since', '2100-01-01T00:00:00Z')).toEqual([])
  const shown = (await chap(['history', 'bad'], { spool })).stdout.trim().split('\t')
  expect([shown[1], shown[2], shown[5], shown[8], shown[9]]).toEqual([failed, 'bad', 'exited', 'kept', 'exit 3'])
}, 60_000)

test('runs of a series that failed, were missed or lost; torn lines are passed over', async () => {
  const id = await begin('--', 'true')
  const runs = join(spool.dir, 'jobs', id, 'runs')
  writeFileSync(
    runs,
    'begun 1 1000.0 1000.1 0 0\nended 1 1001.5 0 exit 0 5 0\nbegun 2 1010.0 1010.1 5 0\nended 2 1011.5 7 exit 0 9 0\nmissed 3 5 overrun\nbegun 6 1050.0 1050.1 9 0\nlost 6 rebooted\n',
  )
  const wanted = [
    { job: id, run: 2, how: 'exited', exit_status: 7 },
    { job: id, run: 3, how: 'missed', detail: 'overrun, up to 5' },
    { job: id, run: 6, how: 'lost', detail: 'rebooted' },
  ]
  expect(await history(id)).toMatchObject(wanted)
  writeFileSync(join(spool.dir, 'history'), '{"format":1,"time":"20')
  await chap(['rm', id], { spool })
  appendFileSync(join(spool.dir, 'history'), 'null\n')
  expect(await history()).toMatchObject(wanted.map((entry) => ({ ...entry, kept: true })))
}, 60_000)

test('the file is bounded: a full one takes the place of the one before', async () => {
  const first = await begin('-c', 'exit 1')
  await chap(['rm', first], { spool })
  const second = await begin('-c', 'exit 2')
  appendFileSync(join(spool.dir, 'history'), `${'x'.repeat(1_048_576)}\n`)
  await chap(['rm', second], { spool })
  expect((await history()).map(({ job }) => job)).toEqual([first, second])
  expect(statSync(join(spool.dir, 'history')).size).toBeLessThan(1000)
  expect(statSync(join(spool.dir, 'history.1')).size).toBeGreaterThan(1_048_576)
}, 60_000)
