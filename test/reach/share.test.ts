// --share-connection: one connection for all jobs of one target, and no job depends on it.
import { readFileSync, statSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'
import { untilArrived } from '../fault/scene.ts'
import { expectLawful } from '../rig/invariants.ts'
import { type Draft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { listProcesses, type Process } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { makeSteps, type Steps } from '../rig/steps.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'ssh', 'sshd')

let sshd: Sshd
let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(async () => {
  await cleanUp(spool)
  await sshd.stop()
})

const logins = (): number => readFileSync(sshd.log, 'utf8').match(/^Accepted publickey/gm)?.length ?? 0

/** The shared masters of this spool's runtime directory. */
const masters = (): Process[] =>
  listProcesses().filter(
    ({ argv, state }) =>
      state !== 'Z' &&
      argv.includes('ControlMaster=yes') &&
      argv.some((word) => word.startsWith(`${spool.root}/run/chap/share-`)),
  )

interface Numbered {
  readonly n: number
  readonly job: TestJob
}

const makeJobs = (count: number, script: (n: number) => string, change: Partial<Draft> = {}): Numbered[] =>
  Array.from({ length: count }, (_, n) => {
    const command = ['sh', '-c', `echo begun >>'${spool.root}/runs.${n}'; ${script(n)}`] as const
    return { n, job: makeJob(spool, sshDraft(sshd, spool, command, { sharesConnection: true, ...change })) }
  })

const expectAll = (jobs: readonly Numbered[]): void => {
  for (const { n, job } of jobs)
    expectLawful(job, spool, {
      outcome: { kind: 'exited', code: n },
      written: { stdout: Buffer.from(`job ${n}\n`), stderr: Buffer.from(`err ${n}\n`) },
      runs: `${spool.root}/runs.${n}`,
    })
}

const say = (n: number): string => `echo job ${n}; echo err ${n} >&2; exit ${n}`

const runAll = async (jobs: readonly Numbered[]): Promise<void> => {
  await Promise.all(jobs.map(({ job }) => job.takeUp()))
  await Promise.all(jobs.map(({ job }) => job.untilLeft(150_000)))
}

test('50 jobs at once log in once', async () => {
  sshd = await startSshd({ config: ['MaxSessions 200'] })
  const jobs = makeJobs(50, say)
  await runAll(jobs)
  expectAll(jobs)
  expect(logins()).toBe(1)
  // It goes on when the job that started it has ended.
  expect(masters()).toHaveLength(1)
}, 240_000)

test('a server that allows 10 sessions: what has no room has a connection of its own', async () => {
  sshd = await startSshd()
  const jobs = makeJobs(8, (n) => `sleep 2; ${say(n)}`)
  await runAll(jobs)
  expectAll(jobs)
  expect(logins()).toBeGreaterThan(1)
}, 120_000)

test('the shared master is killed under them: all reconnect, over one that is new, and lose nothing', async () => {
  sshd = await startSshd({ config: ['MaxSessions 200'] })
  const stepped = Array.from({ length: 5 }, (_, n): { job: TestJob; steps: Steps } => {
    const steps = makeSteps(spool, 3, `-${n}`)
    return { steps, job: makeJob(spool, sshDraft(sshd, spool, steps.argv, { sharesConnection: true })) }
  })
  for (const { steps } of stepped) steps.go()
  await Promise.all(stepped.map(({ job }) => job.takeUp()))
  await Promise.all(stepped.map(({ job, steps }) => untilArrived(job, steps.written(1))))
  const before = masters()
  expect(before).toHaveLength(1)
  await killAll(before)
  for (const { steps } of stepped) steps.go()
  await Promise.all(stepped.map(({ job, steps }) => untilArrived(job, steps.written(2))))
  for (const { steps } of stepped) steps.go()
  for (const { job, steps } of stepped) {
    await job.untilLeft()
    expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written: steps.written(), runs: steps.runs })
  }
  expect(logins()).toBe(2)
  expect(masters()).toHaveLength(1)
}, 120_000)

test('its clients, then its chaperone are killed while output flows: each byte once, and the master is untouched', async () => {
  sshd = await startSshd({ config: ['MaxSessions 200'] })
  const lines = 60_000
  const script = `i=0; while [ $i -lt ${lines} ]; do echo "line $i of the output"; i=$((i + 1)); [ $((i % 300)) != 0 ] || sleep 0.05; done`
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script], { sharesConnection: true }))
  const stdout = Buffer.from(Array.from({ length: lines }, (_, i) => `line ${i} of the output\n`).join(''))
  const untilHas = (bytes: number): Promise<unknown> =>
    until(() => statSync(job.paths.stdout).size > bytes, { deadline: 60_000, what: 'more output', every: 1 })
  await job.takeUp()
  for (const part of [0.1, 0.2, 0.3]) {
    await untilHas(stdout.length * part)
    // The control and two followers.
    const clients = await until(() => job.linkProcesses().length === 3 && job.linkProcesses(), { deadline: 20_000 })
    await killAll(clients)
    job.knock()
  }
  for (const part of [0.5, 0.7]) {
    await untilHas(stdout.length * part)
    await job.killChaperone()
    await job.takeUp()
  }
  await job.untilLeft(60_000)
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, written: { stdout, stderr: Buffer.alloc(0) } })
  expect(logins()).toBe(1)
  expect(masters()).toHaveLength(1)
}, 120_000)
