// Row 30: a spool on a network file system, whose job is owned by a chaperone on another machine. From here nothing is known of it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { crash, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

test('it is not called dead, not recovered, not launched again; a request is left for its owner', async () => {
  const { spool } = scene
  const { job, steps } = await startSteps(scene, 2)
  const { id } = job.spec
  await crash(job)
  const claim = join(job.paths.chaperones, '1')
  writeFileSync(claim, JSON.stringify({ ...JSON.parse(readFileSync(claim, 'utf8')), host: 'far-away' }))
  const state = readFileSync(job.paths.state, 'utf8')

  expect(JSON.parse((await chap(['inspect', id, '--json'], { spool })).stdout)).toMatchObject({
    verdict: 'suspect',
    orphaned: false,
  })
  const recover = await chap(['recover', id], { spool })
  expect(recover.exitCode, recover.stderr).toBe(125)
  expect(recover.stderr).toContain('far-away')
  expect((await chap(['recover', '--all', '--json'], { spool })).stdout).toBe('[]\n')
  const attach = startChap(['attach', id], { spool })
  const kill = await chap(['kill', '--no-wait', id], { spool })
  expect(kill.exitCode).toBe(0)
  expect(readdirSync(job.paths.requests).filter((name) => name.endsWith('.json'))).toHaveLength(1)
  expect(readdirSync(job.paths.chaperones)).toEqual(['1'])
  expect(readFileSync(job.paths.state, 'utf8')).toBe(state)

  // Its owner, on its own machine again, does what was asked meanwhile, and the attach sees it.
  writeFileSync(claim, JSON.stringify({ ...JSON.parse(readFileSync(claim, 'utf8')), host: hostname() }))
  await job.takeUp()
  await until(() => job.state().state === 'ended', { deadline: 20_000, what: 'the end' })
  expect((await attach.result).exitCode).toBe(143)
  await job.untilLeft()
  expect(readFileSync(steps.runs, 'utf8')).toBe('begun\n')
})
