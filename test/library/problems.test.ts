/** What can be expected to go wrong is a result of each function, with its code; and what goes right, beside it. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Command,
  find,
  inspect,
  kill,
  list,
  prune,
  recover,
  recoverAll,
  remove,
  sendSignal,
  start,
  wait,
} from 'chap-jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enterSpool, good } from '../rig/library.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'

let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

test.each<[string, Partial<Command>]>([
  ['no program', { program: [] }],
  ['an empty program', { program: [''] }],
  ['a name that stands for another', { name: 'last' }],
  ['a name that is an option', { name: '-x' }],
  ['a label with a newline', { label: { a: 'b\nc' } }],
  ['a label that is no word', { label: { 'a b': 'c' } }],
  ['a port that is none', { host: 'gpu1', port: 70_000 }],
  ['a user that is an option', { sudo: '-u' }],
  ['a host that is an option', { host: '-oProxyCommand=x' }],
  ['an option of ssh without a host', { identity: 'key' }],
  ['a time that is none', { timeout: Number.NaN }],
  ['a time that is over', { giveUpAfter: -1 }],
  ['a keepalive of nothing', { host: 'gpu1', keepalive: { interval: 0, count: 3 } }],
  ['a period that is none', { every: Number.NaN }],
  ['a count that is none', { every: 1_000, count: 1.5 }],
  ['a count without a period', { count: 3 }],
  ['a NUL in a word', { program: ['echo', 'a\0b'] }],
  ['a NUL in the environment', { env: { A: '\0' } }],
  ['a name that is none of the environment', { env: { 'A=B': 'c' } }],
  ['two passwords', { host: 'gpu1', passwordFile: 'x', passwordCommand: 'y' }],
])('start: %s is a usage problem, and there is no job', async (_, change) => {
  const before = good(await list()).length
  expect(await start({ program: ['true'], ...change })).toMatchObject({ code: 'usage', message: expect.any(String) })
  expect(good(await list())).toHaveLength(before)
})

test('start: a spool, a password or a file that is not to be had', async () => {
  const open = join(spool.root, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  expect(await start({ program: ['true'] }, { spool: open })).toMatchObject({
    code: 'spool',
    fault: { code: 'open_to_others' },
  })
  expect(await list({ spool: open })).toMatchObject({ code: 'spool' })
  expect(await prune({ spool: open })).toMatchObject({ code: 'spool' })
  expect(await recoverAll({ spool: open })).toMatchObject({ code: 'spool' })
  expect(await start({ program: ['true'], host: 'gpu1', passwordFile: '/none' })).toMatchObject({
    code: 'secret',
    id: null,
    fault: { code: 'no_file' },
  })
  expect(await start({ program: ['true'], stdin: '/none' })).toMatchObject({ code: 'system', errno: 'ENOENT' })
})

test('start: what a job is given it gets', async () => {
  const job = good(
    await start({
      program: 'cat; echo "$A $CHAP_JOB_NAME"',
      stdin: Buffer.from('in\n'),
      env: { A: "x'y" },
      name: 'named',
    }),
  )
  expect(await wait([job])).toMatchObject([{ exitStatus: 0 }])
  expect(await inspect('named')).toMatchObject({
    id: job.id,
    name: 'named',
    state: 'ended',
    program: { env: { A: '***' } },
  })
  const { paths } = good(await find('named'))
  expect(good(await find(job.id)).id).toBe(job.id)

  expect(readFileSync(paths.stdout, 'utf8')).toBe("in\nx'y named\n")
})

test('a job that certainly never began is no problem of the call, but its outcome', async () => {
  const job = good(await start({ program: ['true'], host: 'gpu1', sshOption: ['NoSuchOption=x'], sshConfig: 'none' }))
  expect(job.state?.job.phase).toBe('ended')
  expect(await wait([job])).toMatchObject([{ outcome: { kind: 'refused', reason: 'usage' }, exitStatus: 125 }])
})

test('every function says of a job that is not there that it is not', async () => {
  const none = { code: 'no_such_job', name: 'zzz' }
  expect(await find('zzz')).toEqual(none)
  expect(await inspect('zzz')).toEqual(none)
  expect(await kill('zzz')).toEqual(none)
  expect(await sendSignal('zzz', 'SIGHUP')).toEqual(none)
  expect(await remove('zzz')).toEqual(none)
  expect(await recover('zzz')).toEqual(none)
  expect(await wait(['zzz'])).toEqual([none])
})

test('kill, wait, recover, remove and prune, in the life of a job', async () => {
  const job = good(await start({ program: "trap 'exit 7' HUP; while :; do sleep 0.05; done" }))
  const quick = good(await start({ program: ['true'] }))
  expect(await wait([job], { timeout: 50 })).toEqual([null])
  expect(await wait([job], { signal: AbortSignal.abort() })).toEqual([null])
  expect(await wait([job, quick], { until: 'any' })).toMatchObject([null, { id: quick.id, exitStatus: 0 }])
  expect(await wait([job, 'zzz'], { until: 'any' })).toMatchObject([null, { code: 'no_such_job' }])
  expect(await recover(job)).toEqual({ id: job.id, kind: 'attended' })
  expect(await remove(job)).toEqual({ code: 'not_ended', id: job.id })
  expect(await sendSignal(job, 'SIGHUP')).toMatchObject({ kind: expect.stringMatching(/sent|ended/), id: job.id })
  expect(await wait([job])).toMatchObject([{ exitStatus: 7, endedBy: 'exit' }])
  expect(await kill(job)).toMatchObject({ kind: 'ended', exitStatus: 7 })
  expect(await prune({ dryRun: true })).toMatchObject({ ids: [], leftovers: [] })
  expect(await remove(job)).toEqual({ id: job.id })
  expect(existsSync(job.paths.dir)).toBe(false)
  expect(await remove(job)).toEqual({ code: 'gone', id: job.id })
  expect(await kill(job)).toEqual({ code: 'gone', id: job.id })
  const runs = good(await start({ program: ['sleep', '1000'] }))
  expect(await remove(runs, { force: true })).toEqual({ id: runs.id })
})

test('what a newer chap wrote is left alone, and said', async () => {
  const job = good(await start({ program: ['true'] }))
  await wait([job])
  writeFileSync(job.paths.state, '{ "format": 99 }')
  const unreadable = { code: 'unreadable', id: job.id, fault: { code: 'newer' } }
  expect(await kill(job)).toMatchObject(unreadable)
  expect(await remove(job)).toMatchObject(unreadable)
  expect(await wait([job])).toMatchObject([unreadable])
})
