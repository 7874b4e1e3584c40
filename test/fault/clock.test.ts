// Row 15: this machine's clock jumps by hours, forwards and backwards, while a job runs, reconnects, is killed and ends.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { makeSteps } from '../rig/steps.ts'
import { until } from '../rig/until.ts'
import { setScene, untilArrived } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

const HOUR = 3_600_000
const clock = fileURLToPath(new URL('../rig/clock.mjs', import.meta.url))

/** Starts a job whose chaperone has a clock that the test can turn. */
const startTurnable = async (argv: readonly [string, ...string[]]) => {
  const { sshd, spool } = scene
  const file = `${spool.root}/clock`
  const turn = (hours: number): void => writeFileSync(file, String(hours * HOUR))
  turn(0)
  const env = { ...spool.env, NODE_OPTIONS: `--import=${clock}`, CHAP_RIG_CLOCK: file }
  const job = makeJob({ ...spool, env }, sshDraft(sshd, spool, argv))
  await job.takeUp()
  return { job, turn }
}

for (const hours of [5, -5])
  test(`${hours} hours while the link breaks: it is back within seconds, with every byte`, async () => {
    const { sshd, spool } = scene
    const steps = makeSteps(spool, 3)
    steps.go()
    const { job, turn } = await startTurnable(steps.argv)
    await untilArrived(job, steps.written(1))
    turn(hours)
    sshd.proxy.reset()
    await job.untilState('reconnecting')
    turn(-hours)
    steps.go()
    await untilArrived(job, steps.written(2), 10_000)
    turn(hours)
    steps.go()
    const state = await job.untilLeft()
    expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
    // The chaperone's stamps are off, as its clock was; the command's own times are the remote's.
    expect(Math.abs(Date.parse(state.updated) - Date.now())).toBeGreaterThan(4 * HOUR)
    expect(Math.abs(Date.parse(state.end_time ?? '') - Date.now())).toBeLessThan(HOUR)
  })

for (const hours of [30, -30])
  test(`${hours} hours in the grace of a kill: it is as long as asked`, async () => {
    const { spool } = scene
    const script = `trap 'date +%s%3N >"${spool.root}/term"' TERM; echo up; while :; do date +%s%3N >"${spool.root}/alive"; sleep 0.05; done`
    const { job, turn } = await startTurnable(['sh', '-c', script])
    await untilArrived(job, { stdout: Buffer.from('up\n'), stderr: Buffer.alloc(0) })
    job.ask('stop', 'SIGTERM', 2)
    await until(() => job.state().signals.some(({ sent }) => sent !== null), { deadline: 10_000, what: 'SIGTERM' })
    turn(hours)
    const state = await job.untilLeft()
    expect(state.outcome).toEqual({ kind: 'signaled', signal: 'SIGKILL' })
    const read = (name: string): number => Number(readFileSync(`${spool.root}/${name}`, 'utf8'))
    const grace = read('alive') - read('term')
    expect(grace).toBeGreaterThan(1_700)
    expect(grace).toBeLessThan(8_000)
  })

test('what was begun in the future is listed, waited for and pruned like any other', async () => {
  const { spool } = scene
  const { job, turn } = await startTurnable(['sh', '-c', 'echo up; exit 3'])
  turn(30)
  await job.untilLeft()
  const { id } = job.spec
  expect((await chap(['wait', id], { spool })).exitCode).toBe(3)
  expect((await chap(['ls', '-a', '-q'], { spool })).stdout).toBe(`${id}\n`)
  expect((await chap(['prune', '--older-than', '1h'], { spool })).exitCode).toBe(0)
  expect((await chap(['rm', id], { spool })).exitCode).toBe(0)
})
