// Row 14: two and twenty recoveries at once: one new chaperone, and everybody hears the same.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { crash, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()
const chaperone = fileURLToPath(new URL('../../dist/chaperone.js', import.meta.url))

describe.each([2, 20])('%i at once', (count) => {
  test('recoveries and attaches: one brings a chaperone back, all see the same end', async () => {
    const { spool } = scene
    const { job, steps } = await startSteps(scene, 2)
    const { id } = job.spec
    await crash(job)
    const recoveries = Array.from({ length: count }, () => startChap(['recover', id], { spool }))
    const said = await Promise.all(recoveries.map(async ({ result }) => (await result).stderr))
    expect(said.filter((words) => words.includes('a new one took over'))).toHaveLength(1)
    expect(said.filter((words) => words.includes('has its chaperone'))).toHaveLength(count - 1)
    await crash(job)
    const attaches = Array.from({ length: count }, () => startChap(['attach', id], { spool }))
    await until(() => readdirSync(job.paths.chaperones).length === 3, { deadline: 30_000, what: 'a third chaperone' })
    steps.go()
    const [first, ...others] = await Promise.all(attaches.map(({ result }) => result))
    expect(first).toMatchObject({ exitCode: 42, stdout: steps.written().stdout.toString() })
    for (const { exitCode, stdout } of others)
      expect({ exitCode, stdout }).toEqual({ exitCode: 42, stdout: first?.stdout })
    await job.untilLeft()
    expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
    expect(readdirSync(job.paths.chaperones)).toEqual(['1', '2', '3'])
  })

  test('chaperones without a lock between them: one claims the job, the others go', async () => {
    const { spool } = scene
    const { job, steps } = await startSteps(scene, 2)
    await crash(job)
    const rivals = Array.from({ length: count }, () =>
      spawn(process.execPath, [chaperone, job.paths.dir], { stdio: 'ignore', env: spool.env, cwd: '/' }),
    )
    await until(() => rivals.filter(({ exitCode }) => exitCode === 0).length === count - 1, {
      deadline: 30_000,
      what: 'all but one to go',
    })
    expect(findByEnvironment('CHAP_SPOOL', spool.dir).filter(({ argv }) => argv.includes(chaperone))).toHaveLength(1)
    steps.go()
    expect((await chap(['wait', job.spec.id], { spool })).exitCode).toBe(42)
    await job.untilLeft()
    expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
    expect(readdirSync(job.paths.chaperones)).toEqual(['1', '2'])
  })
})
