// The commands that make or take up a job over ssh, killed at their system calls; nothing is left on the remote. Of start and recover
// every third call: CHAP_CRASH_EVERY=1 takes all of them, which lasts for minutes.
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import { makeJob, remoteDir, sshDraft, type TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import type { Spool } from '../rig/spool.ts'
import { type Sshd, startSshd } from '../rig/sshd.ts'
import { until } from '../rig/until.ts'
import { ageLock, expectExit, expectSwept, LIMIT, listIds, playEach } from './play.ts'

const test = testWith('linux', 'ptrace', 'sshd', 'ssh')
const every = Number(process.env['CHAP_CRASH_EVERY'] ?? 3)
const terminated = { kind: 'signaled', signal: 'SIGTERM' } as const

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({ config: ['MaxStartups 100'] })
})
afterAll(() => sshd.stop())

const startThere = async (spool: Spool): Promise<TestJob> => {
  const job = makeJob(spool, sshDraft(sshd, spool, ['sleep', '100']))
  await job.takeUp()
  await job.untilState('running')
  return job
}

test(
  'start: there is no job, or a whole one, and nothing of it is left there',
  async () => {
    await playEach(
      'start over ssh',
      async (spool, kill, number) => {
        const options = ['-F', sshd.sshConfig, '--remote-dir', remoteDir(spool)]
        await kill(['start', ...options, sshd.host, '--', 'sh', '-c', 'sleep 0.1; exit 7'])
        const [id, ...others] = await listIds(spool)
        expect(others).toEqual([])
        if (id !== undefined) {
          await expectExit(spool, ['recover', id], 0)
          if (number % 2 === 0) await expectExit(spool, ['wait', id], 7)
          else await expectExit(spool, ['kill', '--grace', '0', id], 0)
        }
        await until(() => findByEnvironment('CHAP_SPOOL', spool.dir).length === 0, {
          deadline: 20_000,
          what: 'the end of the chaperone',
        })
        expect(existsSync(remoteDir(spool))).toBe(false)
        if (id !== undefined) await expectExit(spool, ['rm', id], 0)
        await expectSwept(spool)
      },
      { from: /^clone\(|\/jobs/, every },
    )
  },
  LIMIT,
)

test(
  'kill: it is asked whole or not at all, and asking again ends the job',
  async () => {
    await playEach('kill over ssh', async (spool, kill) => {
      const job = await startThere(spool)
      await kill(['kill', job.spec.id])
      await expectExit(spool, ['kill', job.spec.id], 0)
      await job.untilLeft()
      expectLawful(job, spool, { outcome: terminated })
    })
  },
  LIMIT,
)

test(
  'recover: again, the job has one chaperone, which does what is asked',
  async () => {
    await playEach(
      'recover over ssh',
      async (spool, kill) => {
        const job = await startThere(spool)
        await job.killChaperone()
        await kill(['recover', job.spec.id], job)
        ageLock(job)
        await expectExit(spool, ['recover', job.spec.id], 0)
        await expectExit(spool, ['kill', job.spec.id], 0)
        await job.untilLeft()
        expectLawful(job, spool, { outcome: terminated })
      },
      { pooled: ['mkdir', 'rmdir'], every },
    )
  },
  LIMIT,
)
