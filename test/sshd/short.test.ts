// A command that ends soon and says little comes home over the control session: no session follows its output, and not a byte is another one.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'sshd', 'ssh')

/** Bytes of both streams that fit into the line that says the end. */
const SHORT = 800
const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

let sshd: Sshd
let spool: Spool

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const sessionsUntilNow = (): number => readFileSync(sshd.log, 'utf8').split('Starting session: ').length - 1

const run = async (script: string): Promise<{ readonly job: TestJob; readonly sessions: number }> => {
  const before = sessionsUntilNow()
  const job = makeJob(spool, sshDraft(sshd, spool, ['sh', '-c', script], { cwd: spool.root }))
  await job.takeUp()
  await job.untilLeft()
  return { job, sessions: sessionsUntilNow() - before }
}

test('every byte of short output, in one session', async () => {
  writeFileSync(`${spool.root}/every`, every)
  const { job, sessions } = await run('echo begun >>runs; cat every; cat every >&2; exit 3')
  expect(sessions).toBe(1)
  expectLawful(job, spool, {
    outcome: { kind: 'exited', code: 3 },
    written: { stdout: every, stderr: every },
    runs: `${spool.root}/runs`,
  })
})

test('output that is longer is followed', async () => {
  const written = Buffer.alloc(SHORT + 1, 'x')
  writeFileSync(`${spool.root}/x`, written)
  const { job, sessions } = await run('echo begun >>runs; cat x')
  expect(sessions).toBe(3)
  expectLawful(job, spool, {
    outcome: { kind: 'exited', code: 0 },
    written: { stdout: written, stderr: Buffer.alloc(0) },
    runs: `${spool.root}/runs`,
  })
})

test('short output of which a part is here already: the rest, once', async () => {
  const job = makeJob(
    spool,
    sshDraft(sshd, spool, ['sh', '-c', 'echo begun >>runs; echo one; until [ -e go ]; do sleep 0.05; done; echo two'], {
      cwd: spool.root,
    }),
  )
  await job.takeUp()
  await until(() => readFileSync(job.paths.stdout, 'utf8') === 'one\n', { deadline: 20_000, what: 'the first line' })
  await job.killChaperone()
  writeFileSync(`${spool.root}/go`, '')
  await job.takeUp()
  await job.untilLeft()
  expectLawful(job, spool, {
    outcome: { kind: 'exited', code: 0 },
    written: { stdout: Buffer.from('one\ntwo\n'), stderr: Buffer.alloc(0) },
    runs: `${spool.root}/runs`,
  })
})
