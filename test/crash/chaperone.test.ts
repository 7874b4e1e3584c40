// The chaperone of a short job, killed at each of its system calls that change something: the next one carries on, and the law holds.
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import { atEveryPoint, type CrashPoint } from '../rig/crash-points.ts'
import { expectLawful } from '../rig/invariants.ts'
import { type Draft, localDraft, makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'

const test = testWith('linux', 'ptrace', 'sshd', 'ssh')
const chaperone = fileURLToPath(new URL('../../dist/chaperone.js', import.meta.url))

let sshd: Sshd
let spool: Spool

beforeAll(async () => {
  sshd = await startSshd({ config: ['MaxStartups 100'] })
  spool = await makeSpool()
})
afterAll(async () => {
  await cleanUp(spool)
  await sshd.stop()
})

const written = { stdout: Buffer.from('out\n'), stderr: Buffer.from('err\n') }
const outcome = { kind: 'exited', code: 7 } as const

const killAtEveryPoint = (
  name: string,
  draftOf: (argv: readonly [string, ...string[]]) => Draft,
  every: number,
): Promise<CrashPoint[]> =>
  atEveryPoint({
    from: /\/jobs\//,
    pooled: ['fdatasync'],
    every,
    play: async (run, number) => {
      const runs = `${spool.root}/runs-${name}-${number}`
      const script = `echo begun >>'${runs}'; echo out; sleep 0.1; echo err >&2; exit 7`
      const job = makeJob(spool, draftOf(['sh', '-c', script]))
      const log = `${job.paths.dir}/strace`
      const argv = [process.execPath, chaperone, job.paths.dir] as const
      if (await run({ argv, env: spool.env, log, pooled: job.paths.stdout })) await job.takeUp()
      await job.untilLeft()
      expectLawful(job, spool, { outcome, written, runs })
    },
  })

test('a job of this machine: at every call', async () => {
  const points = await killAtEveryPoint('local', localDraft, 1)
  process.stdout.write(`${points.length} crash points of a local job's chaperone\n`)
  expect(points.length).toBeGreaterThan(60)
}, 240_000)

test('a job over ssh: at every second call', async () => {
  const points = await killAtEveryPoint('ssh', (argv) => sshDraft(sshd, spool, argv), 2)
  process.stdout.write(`${points.length} crash points of an ssh job's chaperone\n`)
  expect(points.length).toBeGreaterThan(40)
}, 240_000)
