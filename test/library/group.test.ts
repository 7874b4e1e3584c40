/** Groups from a program: a job on each host, found by the group's id; turns, and an end of all at the first failure. */
import { readFileSync } from 'node:fs'
import { type Group, kill, list, startGroup, wait } from 'chap-jobs'
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

test('a job on each host, which list finds by the id of the group', async () => {
  const group = good(
    await startGroup({
      ...way,
      hosts: 'web[01-03]!web02',
      program: 'echo "$CHAP_HOST $AT"',
      name: 'up-{host}-{index}',
    }),
  )
  expect(group.problems).toEqual([])
  expect(group.jobs.map(({ spec }) => [spec.host, spec.name])).toEqual([
    ['web01', 'up-web01-0'],
    ['web03', 'up-web03-1'],
  ])
  expect(await wait(group.jobs)).toMatchObject([{ exitStatus: 0 }, { exitStatus: 0 }])
  const views = good(await list({ group: group.id }))
  expect(views.map(({ id }) => id)).toEqual(group.jobs.map(({ id }) => id))
  expect(views.map(({ paths }) => readFileSync(paths.stdout, 'utf8'))).toEqual(['web01 web01\n', 'web03 web03\n'])
})

test('one failure ends the others, also those whose turn never came', async () => {
  const program = 'case $AT in b) exit 3;; *) exec sleep 1000;; esac'
  const hosts = ['a', 'b', 'c', 'c']
  const group = good(await startGroup({ ...way, hosts, program, maxParallel: 2, failFast: true }))
  expect(group.jobs).toHaveLength(3)
  const ends = await wait(group.jobs)
  expect(ends).toMatchObject([{ exitStatus: 143 }, { exitStatus: 3 }, { outcome: { kind: expect.any(String) } }])
  expect(await kill(group.jobs[0] ?? 'none')).toMatchObject({ kind: 'ended' })
})

test('a password is asked for once for all hosts', async () => {
  const asked: number[] = []
  const askSecret = async () => {
    asked.push(1)
    return 'secret'
  }
  const hosts = 'web[1-3].invalid'
  const options = { askSecret, waitStarted: 0 }
  const group = good(await startGroup({ hosts, askPassword: true, program: ['true'], sshConfig: '/dev/null' }, options))
  expect(group.jobs).toHaveLength(3)
  expect(asked).toHaveLength(1)
  await Promise.all(group.jobs.map((job) => kill(job)))
})

test('what can be no group is a problem, and there is no job', async () => {
  const before = good(await list()).length
  const program = ['true']
  expect(await startGroup({ hosts: 'web[1-', program })).toMatchObject({ code: 'node_set' })
  expect(await startGroup({ hosts: [], program })).toMatchObject({ code: 'usage' })
  expect(await startGroup({ hosts: ['-x'], program })).toMatchObject({ code: 'usage' })
  expect(await startGroup({ hosts: 'a', program, maxParallel: 0 })).toMatchObject({ code: 'usage' })
  expect(await list({ group: 'zzzz' })).toMatchObject({ code: 'usage' })
  expect(good(await list())).toHaveLength(before)
})
