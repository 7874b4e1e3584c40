// Row 4: the connection is cut after byte N, in either direction, for N all over a job's life: handshake, hello, launch, output, end.
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Direction } from '../rig/connection.ts'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { type FaultProxy, startProxy } from '../rig/proxy.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'ssh', 'sshd')

/** Bytes between two cuts; and cuts at random places for each direction. */
const STEP = 400
const RANDOM_CUTS = 8
/** Each lane is a proxy with a job at a time. */
const LANES = 4
const written = { stdout: Buffer.from('to stdout\n'), stderr: Buffer.from('to stderr\n') }

let sshd: Sshd
let spool: Spool
beforeAll(async () => {
  // The cheapest key exchange: there are a hundred.
  sshd = await startSshd({ config: ['MaxStartups 100'], clientConfig: ['KexAlgorithms curve25519-sha256'] })
  spool = await makeSpool()
})
afterAll(async () => {
  await cleanUp(spool)
  await sshd.stop()
})

const startJob = async (proxy: FaultProxy, name: string): Promise<{ job: TestJob; runs: string }> => {
  const runs = `${spool.root}/runs.${name}`
  const script = `echo begun >>'${runs}'; echo to stdout; echo to stderr >&2; exit 42`
  const options = ['-F', sshd.sshConfig, '-p', String(proxy.port)]
  const route = { kind: 'ssh', destination: sshd.host, options, onward: [] } as const
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script], { route }))
  await job.takeUp()
  return { job, runs }
}

/** Waits for the chaperone to leave, and lets it try again at once whenever it would wait. */
const untilLeft = async (job: TestJob): Promise<void> => {
  await until(() => job.state().link.state === 'closed' || (job.state().link.state === 'down' && job.knock()), {
    deadline: 30_000,
    what: 'the end',
    every: 50,
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${job.log()}`)
  })
  await job.untilLeft()
}

/** Bytes each way of one whole job. */
const measure = async (): Promise<Record<Direction, number>> => {
  const proxy = await startProxy({ to: sshd.port })
  await untilLeft((await startJob(proxy, 'whole')).job)
  proxy.stop()
  return { ...proxy.bytes }
}

const placesOf = (bytes: number): number[] => [
  ...Array.from({ length: Math.floor(bytes / STEP) }, (_, n) => n * STEP),
  ...Array.from({ length: RANDOM_CUTS }, () => randomInt(bytes)),
]

test('a cut after any byte of the launch: the command ran exactly once, and its status is true', async () => {
  const whole = await measure()
  const cuts = (['up', 'down'] as const).flatMap((direction) =>
    placesOf(whole[direction]).map((at) => ({ direction, at })),
  )
  let made = 0
  const work = async (): Promise<void> => {
    const proxy = await startProxy({ to: sshd.port })
    for (let cut = cuts.pop(); cut !== undefined; cut = cuts.pop()) {
      const { direction, at } = cut
      const done = proxy.cutAfter(at, direction)
      const { job, runs } = await startJob(proxy, `${direction}.${at}.${randomInt(1e9)}`)
      await untilLeft(job)
      if (await done) made += 1
      try {
        expectLawful(job, spool, { outcome: { kind: 'exited', code: 42 }, written, runs })
      } catch (error) {
        throw new Error(`cut ${direction} after ${at} bytes: ${(error as Error).message}\n${job.log()}`, {
          cause: error,
        })
      }
    }
    proxy.stop()
  }
  const total = cuts.length
  await Promise.all(Array.from({ length: LANES }, work))
  // Sizes differ from job to job by some bytes: the last cuts may come too late.
  expect(made).toBeGreaterThan(total * 0.9)
  expect(readFileSync(`${spool.root}/runs.whole`, 'utf8')).toBe('begun\n')
  console.info(`${made} cuts in ${whole.up} bytes up and ${whole.down} down`)
}, 180_000)
