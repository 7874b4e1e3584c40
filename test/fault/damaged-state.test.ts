// Row 13: state.json is anything but a state. The others are listed, and a recovery asks the remote what is true.
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { expectLawful } from '../rig/invariants.ts'
import { testWith } from '../rig/requires.ts'
import { crash, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

/** By name: what becomes of the text. */
const damages: Readonly<Record<string, (text: string) => string>> = {
  empty: () => '',
  garbage: () => '\0\u0001{]',
  'cut in the middle': (text) => text.slice(0, text.length / 2),
  'another JSON': () => '[]',
  'without its link': (text) => JSON.stringify({ ...JSON.parse(text), link: undefined }),
}

describe.each(Object.keys(damages))('state.json is %s', (name) => {
  const damage = damages[name] ?? String

  test('while the command runs: the job is never shown as running, and a recovery finishes it', async () => {
    const { spool } = scene
    const [{ job }, other] = [await startSteps(scene, 2), await startSteps(scene, 2)]
    const { id } = job.spec
    await crash(job)
    writeFileSync(job.paths.state, damage(readFileSync(job.paths.state, 'utf8')))
    const { stdout } = await chap(['ls'], { spool })
    const [lines, mine] = [stdout.split('\n'), stdout.split('\n').find((line) => line.startsWith(id))]
    expect(mine).not.toContain('running')
    expect(lines.find((line) => line.startsWith(other.job.spec.id))).toContain('running')
    expect(await chap(['recover', id], { spool })).toMatchObject({ exitCode: 0 })
    other.steps.go()
    for (const each of [job, other.job]) {
      await each.untilLeft()
      expectLawful(each, spool, { outcome: { kind: 'exited', code: 42 }, written: other.steps.written() })
    }
  })

  test('after the end: nothing is run again, and no status is invented', async () => {
    const { spool } = scene
    const { job, steps } = await startSteps(scene, 2)
    steps.go()
    await job.untilLeft()
    writeFileSync(job.paths.state, damage(readFileSync(job.paths.state, 'utf8')))
    await chap(['recover', job.spec.id], { spool })
    await job.untilLeft()
    const { outcome } = job.state()
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'directory_gone' })
    expectLawful(job, spool, { outcome, written: steps.written(), runs: steps.runs })
  })
})

test('state.json is of a newer chap: it is said, left as it is, and the job goes on when it is back', async () => {
  const { spool } = scene
  const { job, steps } = await startSteps(scene, 2)
  const { id } = job.spec
  await crash(job)
  const own = readFileSync(job.paths.state, 'utf8')
  const newer = JSON.stringify({ ...JSON.parse(own), format: 99 })
  writeFileSync(job.paths.state, newer)
  expect((await chap(['ls'], { spool })).stdout).toContain(id)
  for (const command of ['recover', 'attach'])
    expect(await chap([command, id], { spool })).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining('newer chap'),
    })
  expect(readFileSync(job.paths.state, 'utf8')).toBe(newer)
  writeFileSync(job.paths.state, own)
  steps.go()
  expect(await chap(['wait', id], { spool })).toMatchObject({ exitCode: 42 })
  await job.untilLeft()
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
})
