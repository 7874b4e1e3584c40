/** A whole group from a program: waited for, followed and started again by one call. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  attachGroup,
  type Group,
  type GroupLine,
  kill,
  list,
  remove,
  retryFailed,
  startGroup,
  waitGroup,
} from 'chap-jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enterSpool, good } from '../rig/library.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'

let spool: Spool

beforeAll(async () => {
  spool = await enterSpool()
})
afterAll(() => cleanUp(spool))

/** All of these hosts are this machine. */
const way: Pick<Group, 'via'> = { via: ['env AT={host}'] }

test('lines of all jobs are whole and of the right host, those that came before and those that come; then how all ended', async () => {
  const gate = join(spool.root, 'gate')
  const program = `printf 'half of '; seq -f "$AT %.0f" 1000 | dd bs=777 status=none; until [ -e ${gate} ]; do sleep 0.02; done
    echo late >&2; case $AT in b) exit 3;; esac`
  const group = good(await startGroup({ ...way, hosts: ['a', 'b', 'c'], program }))
  const attached = good(await attachGroup(group))
  expect(attached.jobs.map(({ host }) => host)).toEqual(['a', 'b', 'c'])
  const lines: GroupLine[] = []
  for await (const line of attached.lines()) {
    lines.push(line)
    if (lines.length === 2_000) writeFileSync(gate, '')
  }
  for (const { id, host } of attached.jobs) {
    const own = lines.filter((line) => line.id === id)
    expect(own.every((line) => line.host === host)).toBe(true)
    expect(own.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `${index === 0 ? 'half of ' : ''}${host} ${index + 1}`),
    )
    expect(own.filter(({ stream }) => stream === 'stderr').map(({ text }) => text)).toEqual(['late'])
  }
  expect(await attached.outcome).toMatchObject({ exitStatus: 3, failed: [{ host: 'b', end: { exitStatus: 3 } }] })
  const waited = good(await waitGroup(group.id))
  expect(waited.jobs.map(({ id }) => id)).toEqual(group.jobs.map(({ id }) => id))
  expect(waited).toMatchObject({ exitStatus: 3, failed: [{ host: 'b', end: { exitStatus: 3 } }] })
  // What is there already, as bytes and as lines; also of jobs that are no group.
  const there = good(await attachGroup(group.jobs.slice(1), { follow: false }))
  const bytes = new Map<string | null, number>()
  for await (const piece of there.pieces('stdout'))
    bytes.set(piece.host, (bytes.get(piece.host) ?? 0) + piece.bytes.length)
  expect([...bytes.values()]).toEqual([5_901, 5_901])
  let count = 0
  for await (const { stream, kind } of there.lines()) count += stream === 'stdout' && kind === 'whole' ? 1 : 0
  expect(count).toBe(2_000)
})

test('what failed is started again, by what it was; its environment is given again', async () => {
  const program = 'case $AT in b) exit "$WITH";; esac'
  const group = good(await startGroup({ ...way, hosts: 'a,b', program, env: { WITH: '5' }, maxParallel: 1 }))
  expect(await waitGroup(group)).toMatchObject({ exitStatus: 5 })
  expect(await retryFailed(group)).toMatchObject({ code: 'usage', message: expect.stringContaining('WITH') })
  for (const wrong of [{ env: { WITH: '0', '$(reboot)': '' } }, { env: { WITH: '0' }, maxParallel: 0 }])
    expect(await retryFailed(group, wrong)).toMatchObject({ code: 'usage' })
  const again = good(await retryFailed(group.id, { env: { WITH: '0' } }))
  expect(again.jobs.map(({ spec }) => [spec.host, spec.group?.retryOf, spec.group?.maxParallel])).toEqual([
    ['b', group.id, 1],
  ])
  expect(await waitGroup(again)).toMatchObject({ exitStatus: 0, failed: [] })
  expect(await retryFailed(again)).toMatchObject({ code: 'usage' })
  expect(await retryFailed('zzzz')).toMatchObject({ code: 'usage' })
})

test('hosts of clusters and of files; who detaches leaves all jobs running', async () => {
  const hostsFile = join(spool.root, 'hosts')
  writeFileSync(hostsFile, '# ours\nweb[1-2]   # two\n@db!db2\n')
  const clusters = { db: 'db[1-3]' }
  const sleep = { ...way, program: ['sleep', '1000'], hostsFile, clusters }
  const group = good(await startGroup({ ...sleep, hosts: ['x'] }))
  expect(group.jobs.map(({ spec }) => spec.host)).toEqual(['x', 'web1', 'web2', 'db1', 'db3'])
  const attached = good(await attachGroup(group.id, { signal: AbortSignal.timeout(50) }))
  for await (const line of attached.lines()) throw new Error(`there is no line: ${line.text}`)
  expect((await attached.outcome).jobs.map(({ end }) => end)).toEqual(
    group.jobs.map(({ id }) => ({ code: 'detached', id })),
  )
  expect(good(await list({ group: group.id })).every(({ verdict }) => verdict === 'attended')).toBe(true)
  await Promise.all(group.jobs.map((job) => kill(job)))
  expect(await waitGroup(group)).toMatchObject({ exitStatus: 143 })
  expect(await startGroup({ ...sleep, clusters: {} })).toMatchObject({ code: 'node_set' })
  expect(await startGroup({ ...sleep, hostsFile: join(spool.root, 'none') })).toMatchObject({
    code: 'system',
    errno: 'ENOENT',
  })
  expect(await waitGroup('zzzz')).toMatchObject({ code: 'usage' })
  expect(await attachGroup(['zzzz'])).toMatchObject({ code: 'no_such_job' })
})

test('a job that is removed meanwhile leaves the others to be read', async () => {
  const group = good(await startGroup({ ...way, hosts: 'a,b', program: 'echo "$AT"' }))
  await waitGroup(group)
  const from = { last: 1 }
  const attached = [good(await attachGroup(group, { from })), good(await attachGroup(group, { from, follow: false }))]
  await remove(group.jobs[0] ?? 'none')
  for (const each of attached) {
    const lines: string[] = []
    for await (const { text } of each.lines()) lines.push(text)
    expect(lines).toEqual(['b'])
  }
})
