/** The other commands on jobs of this machine: names, lists, kill, wait, rm, prune, recover; and what goes wrong. */
import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { findByEnvironment, isAlive, readProcess, waitUntilGone } from '../rig/processes.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const start = async (...args: readonly string[]): Promise<string> =>
  (await chap(['start', ...args], { spool })).stdout.trim()

const inspect = async (job: string): Promise<Record<string, unknown>> =>
  JSON.parse((await chap(['inspect', job, '--json'], { spool })).stdout) as Record<string, unknown>

const chaperoneOf = async (job: string) => {
  const pid = (await inspect(job))['chaperone_pid']
  const found = readProcess(Number(pid))
  if (found === undefined) throw new Error(`no chaperone ${String(pid)}`)
  return found
}

test('a job is found by id, beginning, name and last', async () => {
  const first = await start('-n', 'web', '--', 'echo', 'one')
  const second = await start('-n', 'web', '--', 'echo', 'two')
  await chap(['wait', first, second], { spool })
  const logs = async (name: string): Promise<string> => (await chap(['logs', name], { spool })).stdout
  expect(await logs(first)).toBe('one\n')
  expect(await logs('web')).toBe('two\n')
  expect(await logs('last')).toBe('two\n')
  expect(await chap(['logs', 'nope'], { spool })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('hint: '),
  })
})

test('bare attach takes the only running job, else says which there are', async () => {
  expect(await chap(['attach'], { spool })).toMatchObject({ exitCode: 2 })
  const go = `${spool.root}/go`
  const one = await start('-c', `echo up; until [ -e ${go} ]; do sleep 0.05; done; exit 6`)
  const attached = startChap(['attach'], { spool })
  await until(() => attached.said().includes('up'), { deadline: 20_000, what: 'the only one to be followed' })
  await writeFile(go, '')
  expect((await attached.result).exitCode).toBe(6)
  const two = await start('--', 'sleep', '60')
  const three = await start('--', 'sleep', '60')
  const { exitCode, stderr } = await chap(['attach'], { spool })
  expect(exitCode).toBe(2)
  for (const id of [two, three]) expect(stderr).toContain(id)
  expect(stderr).not.toContain(one)
})

test('ls in a pipe is tab-separated and whole', async () => {
  const long = 'x'.repeat(300)
  const id = await start('-n', 'web', '-l', 'team=ml', '--', 'echo', long, 'a\u001b[31m\tb')
  await chap(['wait', id], { spool })
  const { stdout } = await chap(['ls'], { spool })
  expect(stdout.trimEnd().split('\t')).toEqual([
    id,
    'web',
    '',
    'ended',
    '0',
    expect.any(String),
    expect.any(String),
    expect.any(String),
    `echo ${long} 'a\\e[31m\\tb'`,
  ])
  expect((await chap(['ls', '-q', '-l', 'team=ml'], { spool })).stdout).toBe(`${id}\n`)
  expect((await chap(['ls', '-q', '-l', 'team=x'], { spool })).stdout).toBe('')
  expect(JSON.parse((await chap(['ls', '--json'], { spool })).stdout)).toMatchObject([
    { id, name: 'web', exit_status: 0, verdict: 'ended' },
  ])
})

test('kill ends a tree that ignores SIGTERM', async () => {
  const id = await start('-c', 'trap "" TERM; (trap "" TERM; while :; do sleep 1; done) & while :; do sleep 1; done')
  const tree = findByEnvironment('CHAP_JOB_ID', id)
  expect(tree.length).toBeGreaterThan(1)
  expect(await chap(['kill', id, '--grace', '300ms'], { spool })).toMatchObject({
    exitCode: 0,
    stderr: `chap: ${id} has ended: killed by SIGKILL\n`,
  })
  await waitUntilGone(tree, 5_000)
  expect(await inspect(id)).toMatchObject({ ended_by: 'kill', signals: [{ signal: 'SIGTERM' }, { signal: 'SIGKILL' }] })
  expect(await chap(['kill', id], { spool })).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('already') })
})

test('kill -s sends just that signal', async () => {
  const id = await start('-c', 'trap "echo got; exit 5" USR1; echo up; while :; do sleep 0.1; done')
  await until(async () => (await chap(['logs', id], { spool })).stdout === 'up\n', { deadline: 10_000 })
  expect((await chap(['kill', '-s', 'usr1', id], { spool })).exitCode).toBe(0)
  expect(await chap(['attach', id], { spool })).toMatchObject({ stdout: 'up\ngot\n', exitCode: 5 })
})

test('wait: all, any, and no longer than told', async () => {
  const quick = await start('-c', 'exit 3')
  const slow = await start('--', 'sleep', '60')
  expect((await chap(['wait', quick], { spool })).exitCode).toBe(3)
  expect((await chap(['wait', slow, '--timeout', '300ms'], { spool })).exitCode).toBe(124)
  expect((await chap(['wait', slow, quick, '--any'], { spool })).exitCode).toBe(3)
  const waiting = startChap(['wait', slow, quick, '--json'], { spool })
  await chap(['kill', slow], { spool })
  const { exitCode, stdout } = await waiting.result
  expect(exitCode).toBe(143)
  expect(JSON.parse(stdout)).toMatchObject([
    { id: slow, exit_status: 143 },
    { id: quick, exit_status: 3 },
  ])
})

test('rm takes what has ended, and with --force what has not', async () => {
  const ended = await start('--', 'true')
  const running = await start('--', 'sleep', '60')
  await chap(['wait', ended], { spool })
  expect((await chap(['rm', running], { spool })).exitCode).toBe(125)
  expect((await chap(['rm', ended], { spool })).exitCode).toBe(0)
  expect((await chap(['rm', '--force', running], { spool })).exitCode).toBe(0)
  expect(readdirSync(join(spool.dir, 'jobs'))).toEqual([])
})

test('prune removes what ended long ago', async () => {
  const ended = await start('--', 'true')
  const running = await start('--', 'sleep', '60')
  await chap(['wait', ended], { spool })
  await until(async () => ((await inspect(ended))['link'] as { state: string }).state === 'closed', { deadline: 5_000 })
  expect((await chap(['prune'], { spool })).stdout).toBe('')
  expect((await chap(['prune', '--older-than', '0', '--dry-run'], { spool })).stdout).toBe(`${ended}\n`)
  expect((await chap(['prune', '--older-than', '0'], { spool })).stdout).toBe(`${ended}\n`)
  expect(readdirSync(join(spool.dir, 'jobs'))).toEqual([running])
})

test('attach brings back a chaperone that was killed', async () => {
  const id = await start('-c', 'echo one; while [ ! -e go ]; do sleep 0.05; done; echo two; exit 7')
  const chaperone = await chaperoneOf(id)
  await killAll([chaperone])
  expect((await chap(['ls'], { spool })).stdout).toContain('\torphaned\t')
  const attached = startChap(['attach', id], { spool })
  await until(async () => (await inspect(id))['chaperones'] === 2, { deadline: 15_000 })
  await writeFile(join(spool.home, 'go'), '')
  expect(await attached.result).toMatchObject({
    stdout: 'one\ntwo\n',
    exitCode: 7,
    stderr: `chap: ${id}: its chaperone was gone; a new one took over\n`,
  })
})

test('a chaperone that dies under an attach, a wait and a kill is brought back by one of them', async () => {
  const id = await start('-c', 'sleep 60')
  const watchers = [startChap(['attach', id], { spool }), startChap(['wait', id], { spool })]
  await killAll([await chaperoneOf(id)])
  expect((await chap(['kill', id], { spool })).exitCode).toBe(0)
  for (const { result } of watchers) expect((await result).exitCode).toBe(143)
})

test('recover --all takes up every orphan', async () => {
  const ids = [await start('--', 'sleep', '60'), await start('--', 'sleep', '60')]
  await killAll(await Promise.all(ids.map(chaperoneOf)))
  const { stdout } = await chap(['recover', '--all', '--json'], { spool })
  expect(JSON.parse(stdout)).toHaveLength(2)
  for (const id of ids) {
    const { pid, startTime } = await chaperoneOf(id)
    expect(isAlive(pid, startTime)).toBe(true)
  }
})

test('an unreadable state is said, not thrown, and a recovery mends it', async () => {
  const id = await start('-c', 'until [ -e mended ]; do sleep 0.05; done; echo ok')
  await killAll([await chaperoneOf(id)])
  const state = join(spool.dir, 'jobs', id, 'state.json')
  const whole = await readFile(state, 'utf8')
  await writeFile(state, whole.slice(0, 100))
  expect((await chap(['inspect', id], { spool })).stdout).toContain('is damaged')
  await writeFile(join(spool.home, 'mended'), '')
  expect(await chap(['attach', id], { spool })).toMatchObject({ stdout: 'ok\n', exitCode: 0 })
})

test('usage errors exit 2, as JSON where asked', async () => {
  expect((await chap(['start'], { spool })).exitCode).toBe(2)
  expect((await chap(['start', 'a', 'b', '--', 'x'], { spool })).exitCode).toBe(2)
  expect(await chap(['lss'], { spool })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Did you mean ls'),
  })
  const { stderr } = await chap(['attach', 'nope', '--json'], { spool })
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'no_such_job', hint: expect.any(String) } })
  expect(existsSync(spool.dir)).toBe(false)
})
