// What most fault tests stand on: an sshd behind a fault proxy for the file, a spool for each test, and a job that goes on step by step.
import { statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Written } from '../rig/invariants.ts'
import { type Draft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type ProxiedSshd, type Sshd, type SshdOptions, startSshd } from '../rig/sshd.ts'
import { makeSteps, type Steps } from '../rig/steps.ts'
import { until } from '../rig/until.ts'

export interface Scene {
  readonly sshd: ProxiedSshd
  readonly spool: Spool
}

export interface SteppedJob {
  readonly job: TestJob
  readonly steps: Steps
}

/** Links that notice a silent network within two seconds. */
const ALERT = { interval: 1, count: 2 }

/** Sets up the scene by hooks: its parts are there while a test runs. */
export const setScene = (options: SshdOptions = {}): Scene => {
  let sshd: ProxiedSshd
  let spool: Spool
  beforeAll(async () => {
    sshd = await startSshd({ ...options, proxied: true })
  })
  afterAll(() => sshd.stop())
  beforeEach(async () => {
    spool = await makeSpool()
  })
  afterEach(async () => {
    sshd.proxy.heal()
    await sshd.proxy.accept()
    await cleanUp(spool)
  })
  return {
    get sshd() {
      return sshd
    },
    get spool() {
      return spool
    },
  }
}

/** A job that has written its first step, over ssh. */
export const startSteps = async (
  scene: { readonly sshd: Sshd; readonly spool: Spool },
  total: number,
  change: Partial<Draft> = {},
): Promise<SteppedJob> => {
  const steps = makeSteps(scene.spool, total)
  const job = makeJob(scene.spool, sshDraft(scene.sshd, scene.spool, steps.argv, { keepalive: ALERT, ...change }))
  steps.go()
  await job.takeUp()
  await untilArrived(job, steps.written(1))
  return { job, steps }
}

/** Waits until the spool has so many bytes of both streams. */
export const untilArrived = (job: TestJob, { stdout, stderr }: Written, deadline = 30_000): Promise<unknown> =>
  until(() => statSync(job.paths.stdout).size >= stdout.length && statSync(job.paths.stderr).size >= stderr.length, {
    deadline,
    what: 'the output',
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${job.log()}`)
  })

/** The job's directory on the remote, which is this machine. */
export const remoteOf = ({ spec }: TestJob): string => `${spec.remoteDir}/${spec.id}-${spec.nonce}`

/** Ends the chaperone and its link together, as this machine's reboot would. */
export const crash = async (job: TestJob): Promise<void> => {
  const link = job.linkProcesses()
  await job.killChaperone()
  await killAll(link)
}
