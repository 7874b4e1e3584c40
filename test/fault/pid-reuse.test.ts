// Row 16: every pid that chap has noted belongs to somebody else by now. Nothing that is not the job's is signalled.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import { testWith } from '../rig/requires.ts'
import { type Stranger, startStranger } from '../rig/stranger.ts'
import { until } from '../rig/until.ts'
import { crash, remoteOf, setScene, startSteps } from './scene.ts'

const test = testWith('linux', 'ssh', 'sshd')
const scene = setScene()

let stranger: Stranger
beforeEach(async () => {
  stranger = await startStranger()
})
afterEach(async () => {
  expect(stranger.isUnharmed()).toBe(true)
  await stranger.end()
})

/** Puts the stranger's pid in a note's place of the first word; what else identifies a process stays the old one's. */
const forge = (note: string): void => {
  const [, ...rest] = readFileSync(note, 'utf8').split(' ')
  writeFileSync(note, [stranger.pid, ...rest].join(' '))
}

test("the command's pid: a kill reaches the command by its mark, and not the other", async () => {
  const { job, steps } = await startSteps(scene, 2)
  forge(join(remoteOf(job), 'pid'))
  job.ask('signal', 'SIGUSR1')
  await until(() => job.log().includes('signaled (running)'), { deadline: 10_000, what: 'the try to signal' })
  job.ask('stop', 'SIGKILL', 0)
  const state = await job.untilLeft()
  const outcome = { kind: 'signaled', signal: 'SIGKILL' } as const
  expectLawful(job, scene.spool, { outcome, written: steps.written(1), runs: steps.runs })
  // The group was not to be had: that it got SIGUSR1 is not claimed.
  expect(state.signals.map(({ signal, sent }) => [signal, sent !== null])).toEqual([
    ['SIGUSR1', false],
    ['SIGKILL', true],
  ])
})

test("the supervisor's and the links' pids: a new link ends nobody else's process", async () => {
  const { job, steps } = await startSteps(scene, 2)
  const notes = readdirSync(join(remoteOf(job), 'link.1')).filter((name) => !name.includes('.'))
  expect(notes.map((name) => name.replace(/-\d+$/, '')).sort()).toEqual(['control', 'stderr', 'stdout', 'waiter'])
  for (const note of notes) forge(join(remoteOf(job), 'link.1', note))
  scene.sshd.proxy.reset()
  await until(() => job.state().link.generation > 1 && job.state().state === 'running', {
    deadline: 20_000,
    what: 'a new link',
  })
  steps.go()
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
})

test("the chaperone's pid, now of a session's leader: the next chaperone ends nothing of that session", async () => {
  const { job, steps } = await startSteps(scene, 2)
  await crash(job)
  const claim = join(job.paths.chaperones, '1')
  writeFileSync(claim, JSON.stringify({ ...JSON.parse(readFileSync(claim, 'utf8')), pid: stranger.pid }))
  await job.takeUp()
  steps.go()
  await job.untilLeft()
  expectLawful(job, scene.spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
})
