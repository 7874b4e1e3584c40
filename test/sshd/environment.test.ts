// What a command has of its machine's environment, over ssh.
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, sshDraft } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'

const test = testWith('linux', 'ssh', 'sshd')

let sshd: Sshd
let spool: Spool
beforeAll(async () => {
  sshd = await startSshd({ config: ['SetEnv THERE=there SECRET=there'] })
})
afterAll(() => sshd.stop())
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

test('all, some, and nothing of what sshd gives, and what is taken away', async () => {
  const modes = [
    { inherit: true, unset: [] },
    { inherit: true, unset: ['SECRET'] },
    { inherit: ['THERE', 'SECRET'], unset: ['SECRET'] },
    { inherit: false, unset: [] },
  ]
  const jobs = modes.map((mode) => makeJob(spool, sshDraft(sshd, spool, ['env'], { ...mode, env: { SET: '1' } })))
  await Promise.all(jobs.map((job) => job.takeUp()))
  await Promise.all(jobs.map((job) => job.untilLeft()))
  const found = jobs.map((job) =>
    readFileSync(job.paths.stdout, 'utf8')
      .split('\n')
      .map((line) => line.split('=', 1)[0] ?? '')
      .filter((name) => /^(THERE|SECRET|SET|HOME|PATH|USER|CHAP_JOB_ID)$/.test(name))
      .toSorted(),
  )
  expect(found).toEqual([
    ['CHAP_JOB_ID', 'HOME', 'PATH', 'SECRET', 'SET', 'THERE', 'USER'],
    ['CHAP_JOB_ID', 'HOME', 'PATH', 'SET', 'THERE', 'USER'],
    ['CHAP_JOB_ID', 'SET', 'THERE'],
    ['CHAP_JOB_ID', 'SET'],
  ])
  for (const job of jobs) expectLawful(job, spool, { outcome: { kind: 'exited', code: 0 } })
})
