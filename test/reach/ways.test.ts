// Each way to reach a machine: it runs there, its end is true, a kill reaches all of it, a cut does no harm, a refusal is told as one.
import { chmodSync, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test as plainTest } from 'vitest'
import { hostileWords } from '../rig/hostile.ts'
import { type Expected, expectLawful, expectPrefix } from '../rig/invariants.ts'
import type { TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { requires, testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { makeSteps } from '../rig/steps.ts'
import { until } from '../rig/until.ts'
import { startJob, untilAllLeft } from './start.ts'
import { type Way, ways } from './ways.ts'
import { makeWorld, type World } from './world.ts'

const needs = [...new Set(ways.flatMap((way) => way.needs))]
const test = testWith(...needs)

let world: World
let spool: Spool
let place: string

beforeAll(async () => {
  if (requires(...needs) === undefined) world = await makeWorld()
})
afterAll(() => world?.tearDown())
beforeEach(async () => {
  spool = await makeSpool()
  if (world === undefined) return
  place = mkdtempSync(`${world.place}/test-`)
  chmodSync(place, 0o777)
})
afterEach(() => cleanUp(spool))

/** A shell, its child and its grandchild; none of them ends at SIGTERM. */
const stubbornTree = `trap '' TERM; sh -c "trap '' TERM; sh -c 'trap \\"\\" TERM; echo up; while :; do sleep 1; done' & while :; do sleep 1; done" & while :; do sleep 1; done`

const start = (way: Way, argv: readonly string[], args = way.args(world)): Promise<TestJob> => {
  const owner = way.isUnprivileged === true ? world.self : undefined
  return startJob({ spool, cwd: place, args, argv, owner, remoteDir: `${place}/it's remote` })
}

const end = async (way: Way, job: TestJob, expected: Expected): Promise<void> => {
  await untilAllLeft(job)
  expectLawful(job, spool, expected)
  expect(existsSync(`${way.root?.(world) ?? ''}${place}/it's remote`), 'the directory of job directories').toBe(false)
}

describe.each(ways)('$name', (way) => {
  test('runs there, every word arrives, and the status is its own', async () => {
    const [proof, output] = way.proof(world)
    const script = `${proof}; printf '%s\\0' "$@"; printf err >&2; exit 42`
    const job = await start(way, ['sh', '-c', script, 'sh', ...hostileWords])
    const stdout = Buffer.from(output + hostileWords.map((word) => `${word}\0`).join(''))
    await end(way, job, { outcome: { kind: 'exited', code: 42 }, written: { stdout, stderr: Buffer.from('err') } })
  })

  test('an end by a signal is one', async () => {
    const job = await start(way, ['sh', '-c', 'printf before; kill -9 $$'])
    const written = { stdout: Buffer.from('before'), stderr: Buffer.alloc(0) }
    await end(way, job, { outcome: { kind: 'signaled', signal: 'SIGKILL' }, written })
  })

  test('a kill reaches the whole tree', async () => {
    const job = await start(way, ['sh', '-c', stubbornTree])
    await until(() => readFileSync(job.paths.stdout, 'utf8') === 'up\n', { deadline: 20_000, what: "the tree's word" })
    expect(findByEnvironment('CHAP_JOB_ID', job.spec.id).length).toBeGreaterThanOrEqual(3)
    job.ask('stop', 'SIGTERM', 1)
    await end(way, job, { outcome: { kind: 'signaled', signal: 'SIGKILL' } })
    expect(job.state().ended_by).toBe('kill')
  })

  test('a cut in the middle does no harm, nor does the death of the chaperone', async () => {
    const steps = makeSteps({ root: place }, 3)
    const job = await start(way, steps.argv)
    const untilStep = (step: number): Promise<unknown> =>
      until(() => readFileSync(job.paths.stdout).equals(steps.written(step).stdout), {
        deadline: 20_000,
        what: `step ${step}`,
      })
    steps.go()
    await untilStep(1)
    await (way.cut === undefined ? killAll(job.linkProcesses().slice(0, 1)) : way.cut(world))
    await job.untilState('reconnecting')
    job.knock()
    await job.untilState('running')
    steps.go()
    await untilStep(2)
    expectPrefix(job, steps.written())
    await job.killChaperone()
    steps.go()
    await job.takeUp()
    await end(way, job, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
  })

  if (way.refused !== null)
    test('who is not let through is refused, in their words', async () => {
      const [args, reason, evidence = /^/] = way.refused?.(world) ?? []
      const job = await start(way, ['sh', '-c', `echo begun >'${place}/begun'`], args)
      await job.untilLeft()
      const outcome = { kind: 'refused', reason, evidence: expect.stringMatching(evidence) }
      await end(way, job, { outcome: outcome as unknown as Expected['outcome'] })
      expect(existsSync(`${place}/begun`)).toBe(false)
    })
})

plainTest('the table in README.md is this list', () => {
  const readme = readFileSync(fileURLToPath(new URL('README.md', import.meta.url)), 'utf8')
  const rows = readme.split('\n').filter((line) => line.startsWith('| ') && line.includes('`chap '))
  const said = rows.map((row) => row.split('|').slice(1, 3))
  expect(said).toEqual(ways.map(({ name, typed }) => [` ${name} `, ` \`${typed}\` `]))
})
