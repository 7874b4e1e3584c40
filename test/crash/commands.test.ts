// chap's commands, killed at each of their system calls that change something: what they were about is whole or not there, and can be asked again.
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { expectLawful } from '../rig/invariants.ts'
import { localDraft, makeJob, type TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import type { Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'
import { ageLock, expectExit, expectSwept, LIMIT, listIds, playEach } from './play.ts'

const test = testWith('linux', 'ptrace')

const startHere = async (spool: Spool, script: string): Promise<TestJob> => {
  const job = makeJob(spool, localDraft(['sh', '-c', script]))
  await job.takeUp()
  return job
}

const startEnded = async (spool: Spool): Promise<TestJob> => {
  const job = await startHere(spool, 'echo out; exit 7')
  await job.untilLeft()
  return job
}

const expectEndedOnce = async (spool: Spool, id: string, runs: string): Promise<void> => {
  await expectExit(spool, ['wait', id], 7)
  expect(readFileSync(runs, 'utf8')).toBe('begun\n')
}

const SLEEP = 'exec sleep 100'
const terminated = { kind: 'signaled', signal: 'SIGTERM' } as const

test(
  'start: there is no job, or a whole one that can be waited for, ended and removed',
  async () => {
    await playEach(
      'start',
      async (spool, kill, number) => {
        const runs = `${spool.root}/runs`
        const program = ['--', 'sh', '-c', `echo begun >>'${runs}'; sleep 0.1; exit 7`]
        // Every other one has an id that was chosen, and is asked for again: then it is the same job, or the first.
        const again = number % 4 < 2 ? null : ['start', '--id', 'crash7', ...program]
        await kill(again ?? ['start', ...program])
        if (again !== null) await expectExit(spool, again, 0)
        const [id, ...others] = await listIds(spool)
        expect(others).toEqual([])
        expect(again === null || id === 'crash7').toBe(true)
        if (id !== undefined) {
          if (again === null) await expectExit(spool, ['recover', id], 0)
          if (number % 2 === 0) await expectEndedOnce(spool, id, runs)
          else await expectExit(spool, ['kill', '--grace', '0', id], 0)
          await expectExit(spool, ['rm', id], 0)
        }
        await until(() => findByEnvironment('CHAP_SPOOL', spool.dir).length === 0, {
          deadline: 5_000,
          what: 'the end of a chaperone without a job',
        })
        await expectSwept(spool)
      },
      { from: /^clone\(|\/jobs/ },
    )
  },
  LIMIT,
)

test(
  'kill: it is asked whole or not at all, and asking again ends the job',
  async () => {
    await playEach('kill', async (spool, kill) => {
      const job = await startHere(spool, SLEEP)
      await job.untilState('running')
      await kill(['kill', job.spec.id])
      await expectExit(spool, ['kill', job.spec.id], 0)
      await job.untilLeft()
      expectLawful(job, spool, { outcome: terminated })
    })
  },
  LIMIT,
)

test(
  'kill of a job without its chaperone: the next one carries it out',
  async () => {
    await playEach(
      'kill, when it has to recover',
      async (spool, kill) => {
        const job = await startHere(spool, SLEEP)
        await job.untilState('running')
        await job.killChaperone()
        await kill(['kill', job.spec.id], job)
        ageLock(job)
        await expectExit(spool, ['kill', job.spec.id], 0)
        await job.untilLeft()
        expectLawful(job, spool, { outcome: terminated })
      },
      { pooled: ['mkdir', 'rmdir'] },
    )
  },
  LIMIT,
)

test(
  'rm: the job is there whole, or gone',
  async () => {
    await playEach(
      'rm',
      async (spool, kill) => {
        const [job, bystander] = [await startEnded(spool), await startEnded(spool)]
        await kill(['rm', job.spec.id])
        const ids = await listIds(spool)
        expect(ids).toContain(bystander.spec.id)
        if (ids.length === 2) expectLawful(job, spool, { outcome: { kind: 'exited', code: 7 } })
        await expectExit(spool, ['rm', job.spec.id], ids.length === 2 ? 0 : 2)
        expect(await listIds(spool)).toEqual([bystander.spec.id])
        await expectSwept(spool)
      },
      { every: 2 },
    )
  },
  LIMIT,
)

test(
  'prune: again, it removes what is left, and nothing else',
  async () => {
    await playEach(
      'prune',
      async (spool, kill) => {
        await startEnded(spool)
        await startEnded(spool)
        const running = await startHere(spool, SLEEP)
        await kill(['prune', '--older-than', '0'])
        await listIds(spool)
        await expectExit(spool, ['prune', '--older-than', '0'], 0)
        expect(await listIds(spool)).toEqual([running.spec.id])
        await expectSwept(spool)
        await expectExit(spool, ['kill', running.spec.id], 0)
        await running.untilLeft()
        expectLawful(running, spool, { outcome: terminated })
      },
      // Eight calls of chap for each point.
      { every: 3 },
    )
  },
  LIMIT,
)

test(
  'recover: again, the job has one chaperone, which does what is asked',
  async () => {
    await playEach(
      'recover',
      async (spool, kill) => {
        const job = await startHere(spool, SLEEP)
        await job.untilState('running')
        await job.killChaperone()
        await kill(['recover', job.spec.id], job)
        ageLock(job)
        await expectExit(spool, ['recover', job.spec.id], 0)
        await expectExit(spool, ['kill', job.spec.id], 0)
        await job.untilLeft()
        expectLawful(job, spool, { outcome: terminated })
      },
      { pooled: ['mkdir', 'rmdir'], every: 2 },
    )
  },
  LIMIT,
)
