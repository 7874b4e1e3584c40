// Groups on this machine: each host is reached by a prefix that only names it, so that the jobs are real and nothing else is.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux')

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const HERE = ['--via', 'env AT={host}']

const startGroup = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await chap(['start', ...HERE, ...args], { spool })
  expect(stderr).toBe('')
  expect(exitCode, stderr).toBe(0)
  expect(stdout).toMatch(/^[a-z][a-z0-9]{3}\n$/)
  return stdout.trim()
}

interface Row {
  readonly id: string
  readonly host: string
  readonly verdict: string
  readonly outcome: { readonly kind: string; readonly code?: number; readonly reason?: string } | null
  readonly group: { readonly id: string; readonly index: number; readonly retry_of: string | null }
  readonly signals: readonly { readonly by: { readonly job?: string } }[]
}

const rowsOf = async (group: string): Promise<Row[]> => {
  const { stdout } = await chap(['ls', '-a', '--json', '--group', group], { spool })
  return (JSON.parse(stdout) as Row[]).toSorted((a, b) => a.group.index - b.group.index)
}

const chaperones = () =>
  findByEnvironment('CHAP_SPOOL', spool.dir).filter(({ argv }) => argv.some((word) => word.endsWith('/chaperone.cjs')))

/** Each run makes a file `run.HOST` and removes it again, and notes how many there are meanwhile. */
const counting = (seconds: number): string => {
  const dir = `${spool.root}/runs`
  mkdirSync(dir)
  return `cd '${dir}'; : >run.$CHAP_HOST; ls | grep -c run >>'${spool.root}/counts'; sleep ${seconds}; ls | grep -c run >>'${spool.root}/counts'; rm run.$CHAP_HOST; echo $CHAP_HOST >>'${spool.root}/ran'`
}

const counts = (): number[] => readFileSync(`${spool.root}/counts`, 'utf8').split('\n').filter(Boolean).map(Number)
const ran = (): string[] => readFileSync(`${spool.root}/ran`, 'utf8').split('\n').filter(Boolean).sort()
const hosts = (count: number): string[] => Array.from({ length: count }, (_, n) => `h${n + 1}`).sort()

test('one job for each host, one id for all', async () => {
  writeFileSync(`${spool.root}/hosts`, '# some\nh[3-4] # and\n\nh1\n')
  const group = await startGroup(
    '--host',
    'h[1-2]',
    '--hosts-file',
    `${spool.root}/hosts`,
    '-n',
    'x-{host}',
    '-c',
    'echo $CHAP_HOST $CHAP_INDEX $CHAP_GROUP; exit $((CHAP_INDEX % 2))',
  )
  expect(readdirSync(`${spool.dir}/groups/${group}`).sort()).toEqual(['group.json', 'ready', 'turns'])
  const waited = await chap(['wait', group], { spool })
  expect(waited).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`${group}: 2 ok, 2 failed (exit 1: h[2,4])`),
  })
  expect((await rowsOf(group)).map(({ host }) => host)).toEqual(['h1', 'h2', 'h3', 'h4'])
  const { stdout, exitCode } = await chap(['attach', group], { spool })
  expect(exitCode).toBe(1)
  expect(stdout.split('\n').filter(Boolean).sort()).toEqual(
    hosts(4).map((host, index) => `${host} | ${host} ${index} ${group}`),
  )
  expect((await chap(['logs', 'x-h3'], { spool })).stdout).toBe(`h3 2 ${group}\n`)
  expect((await chap(['rm', group], { spool })).exitCode).toBe(0)
  expect(readdirSync(`${spool.dir}/groups`)).toEqual([])
})

test('never more than so many run at once, nobody waits, and all of them run, once', async () => {
  const group = await startGroup('--host', 'h[1-12]', '--max-parallel', '3', '-c', counting(0.2))
  expect((await rowsOf(group)).filter(({ verdict }) => verdict === 'queued').length).toBeGreaterThan(0)
  await until(async () => (await rowsOf(group)).every(({ verdict }) => verdict === 'ended'), {
    deadline: 60_000,
    what: 'the end of all',
  })
  expect(Math.max(...counts())).toBeLessThanOrEqual(3)
  expect(ran()).toEqual(hosts(12))
}, 90_000)

test('nor when chaperones are killed, and whoever waits brings the turns on', async () => {
  const group = await startGroup('--host', 'h[1-9]', '--max-parallel', '3', '-c', counting(0.6))
  const waiting = startChap(['wait', group], { spool, deadline: 80_000 })
  for (const size of [1, 3, 5]) {
    await until(() => counts().length > size, { deadline: 40_000, what: 'more to run' })
    await killAll(chaperones())
  }
  const { exitCode, stderr } = await waiting.result
  expect(exitCode, stderr).toBe(0)
  expect(Math.max(...counts())).toBeLessThanOrEqual(3)
  expect(ran()).toEqual(hosts(9))
}, 120_000)

test('a kill ends those that wait, too, and none of them has run', async () => {
  const group = await startGroup(
    '--host',
    'h[1-8]',
    '--max-parallel',
    '1',
    '-c',
    `echo $CHAP_HOST >>'${spool.root}/ran'; sleep 1000`,
  )
  expect((await chap(['kill', group], { spool })).exitCode).toBe(0)
  const rows = await rowsOf(group)
  expect(rows.map(({ verdict }) => verdict)).toEqual(rows.map(() => 'ended'))
  expect(rows.slice(1).map(({ outcome }) => outcome?.reason)).toEqual(rows.slice(1).map(() => 'stopped'))
  expect(ran()).toEqual(['h1'])
}, 60_000)

test('the first failure ends the others, also those that wait; what failed is started again', async () => {
  const command = `test -e '${spool.root}/good' && exit; test $CHAP_HOST = h2 && exit 3; sleep 1000`
  const group = await startGroup(
    '--host',
    'h[1-6]',
    '--max-parallel',
    '3',
    '--fail-fast',
    '--env',
    'TOKEN=secret',
    '-c',
    command,
  )
  const waited = await chap(['wait', group], { spool })
  expect(waited.exitCode).toBe(143)
  expect(waited.stderr).toContain('exit 3: h2')
  const rows = await rowsOf(group)
  const failed = rows.find(({ host }) => host === 'h2')
  expect(rows.filter(({ outcome }) => outcome?.reason === 'stopped').map(({ host }) => host)).toEqual([
    'h4',
    'h5',
    'h6',
  ])
  expect(rows[0]?.signals[0]?.by.job).toBe(failed?.id)
  writeFileSync(`${spool.root}/good`, '')
  const without = await chap(['start', '--retry-failed', group], { spool })
  expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--env TOKEN=...') })
  const again = await chap(['start', '--retry-failed', group, '--env', 'TOKEN=secret'], { spool })
  expect(again.exitCode).toBe(0)
  expect((await chap(['wait', again.stdout.trim()], { spool })).stderr).toContain('6 ok')
  expect((await rowsOf(again.stdout.trim()))[0]?.group.retry_of).toBe(group)
}, 60_000)

test('a set that is wrong starts nothing', async () => {
  for (const set of ['h[1-1000000000]', 'h[', '@nobody', 'h[1-2]!h[1-2]', '-oProxyCommand=x', 'h[1-3],a b\u001b[2J'])
    expect(await chap(['start', `--host=${set}`, '--', 'true'], { spool })).toMatchObject({ exitCode: 2, stdout: '' })
  expect((await chap(['ls', '-a'], { spool })).stdout).toBe('')
})
