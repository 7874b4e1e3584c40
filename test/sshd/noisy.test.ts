// An account that prints on the stdout of every session: its output is told from the job's also when links are cut all the time.
import { randomBytes, randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { killAll } from '../rig/signals.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type ProxiedSshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'sshd', 'ssh')

const BYTES = 30_000_000
const CUTS = 12
/** Longer than what a pipe takes at once, with lines that begin as the mark does, and no end of its last line. */
const NOISE = 'i=0; while [ $i -lt 3000 ]; do echo CHAP1 0123456789abcdef stdout; i=$((i + 1)); done; printf CHAP1'

let sshd: ProxiedSshd
let spool: Spool

beforeAll(async () => {
  sshd = await startSshd({
    proxied: true,
    config: ['MaxStartups 100', `ForceCommand ${NOISE}; eval "$SSH_ORIGINAL_COMMAND"`],
  })
})
afterAll(() => sshd.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const cuts: readonly ((job: TestJob) => Promise<void>)[] = [
  async () => sshd.proxy.reset(),
  async () => sshd.killSessions(),
  async (job) => killAll(job.linkProcesses().slice(0, 1)),
  async (job) => killAll(job.linkProcesses().slice(1, 2)),
  async (job) => {
    await job.killChaperone()
    await job.takeUp()
  },
]

test(`${BYTES / 1e6} MB, cut ${CUTS} times`, async () => {
  const written = { stdout: randomBytes(BYTES), stderr: randomBytes(BYTES / 100) }
  writeFileSync(`${spool.root}/out`, written.stdout)
  writeFileSync(`${spool.root}/err`, written.stderr)
  const script = `echo begun >>runs; cat err >&2; head -c ${BYTES / 2} out; until [ -e hurry ]; do sleep 0.1; done; tail -c ${BYTES / 2} out`
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script], { cwd: spool.root }))
  await job.takeUp()
  await job.untilState('running')
  for (let cut = 0; cut < CUTS; cut += 1) {
    // The first cuts meet the flood, the last ones a stream that waits.
    const { proxy } = sshd
    const goal = proxy.bytes.down + randomInt(50_000, 2_000_000)
    await until(() => proxy.bytes.down > goal || job.state().link.state === 'up', { deadline: 30_000, what: 'traffic' })
    await cuts[cut % cuts.length]?.(job)
    expectPrefix(job, written)
    job.knock()
  }
  writeFileSync(`${spool.root}/hurry`, '')
  await job.untilLeft(60_000)
  expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 }, written, runs: `${spool.root}/runs` })
  // How many of the cuts met a link is chance; some did.
  expect(job.state().link.generation).toBeGreaterThan(1)
}, 150_000)
