// chap's commands, killed at each of their system calls that change something: what they were about is whole or not there, and can be asked again.
import { existsSync, readdirSync, utimesSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect } from 'vitest'
import { chap } from '../rig/chap.ts'
import { atEveryPoint, type Scene } from '../rig/crash-points.ts'
import { expectLawful } from '../rig/invariants.ts'
import { localDraft, makeJob, type TestJob } from '../rig/job.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

const test = testWith('linux', 'ptrace')
const program = fileURLToPath(new URL('../../bin/chap.js', import.meta.url))
const LIMIT = 180_000

/** Holds the spools of all plays. */
let outer: Spool
beforeEach(async () => {
  outer = await makeSpool()
})
afterEach(() => cleanUp(outer))

/** Plays in a spool of its own, and prints how many points there were. */
const playEach = async (
  title: string,
  act: (
    spool: Spool,
    kill: (args: readonly string[], job?: TestJob) => Promise<boolean>,
    number: number,
  ) => Promise<void>,
  options: Partial<Scene> = {},
): Promise<void> => {
  const play: Scene['play'] = async (run, number) => {
    const spool = await makeSpool()
    const kill = (args: readonly string[], job?: TestJob): Promise<boolean> =>
      run({
        argv: [process.execPath, program, ...args],
        env: spool.env,
        log: `${outer.root}/strace-${number}`,
        ...(job === undefined ? {} : { pooled: `${job.paths.dir}/lock` }),
      })
    await act(spool, kill, number)
    await cleanUp(spool)
  }
  const points = await atEveryPoint({ from: /\/jobs/, ...options, play })
  process.stdout.write(`${points.length} crash points of chap ${title}\n`)
  expect(points.length).toBeGreaterThan(3)
}

/** The ids that ls shows, each with readable records. */
const listIds = async (spool: Spool): Promise<string[]> => {
  const { stdout, exitCode } = await chap(['ls', '-a', '--json'], { spool })
  expect(exitCode).toBe(0)
  const jobs = JSON.parse(stdout) as { id: string; unreadable: unknown[] }[]
  expect(jobs.flatMap(({ unreadable }) => unreadable)).toEqual([])
  return jobs.map(({ id }) => id)
}

const expectExit = async (spool: Spool, args: readonly string[], ...statuses: number[]): Promise<void> => {
  const { exitCode, stderr } = await chap(args, { spool })
  expect(statuses, `chap ${args.join(' ')}: ${exitCode} ${stderr}`).toContain(exitCode)
}

/** An hour passes: then what a crash left half made is nobody's, and prune removes it. */
const expectSwept = async (spool: Spool): Promise<void> => {
  const jobs = `${spool.dir}/jobs`
  if (!existsSync(jobs)) return
  const longAgo = new Date(Date.now() - 7_200_000)
  for (const name of readdirSync(jobs)) if (name.startsWith('.')) utimesSync(`${jobs}/${name}`, longAgo, longAgo)
  await expectExit(spool, ['prune'], 0)
  expect(readdirSync(jobs).filter((name) => name.startsWith('.'))).toEqual([])
}

/** Ten seconds pass: then the lock of one that died over it is nobody's. */
const ageLock = ({ paths }: TestJob): void => {
  const ago = new Date(Date.now() - 20_000)
  if (existsSync(`${paths.dir}/lock`)) utimesSync(`${paths.dir}/lock`, ago, ago)
}

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

const SLEEP = 'exec sleep 100'
const terminated = { kind: 'signaled', signal: 'SIGTERM' } as const

test(
  'start: there is no job, or a whole one that can be waited for, ended and removed',
  async () => {
    await playEach(
      'start',
      async (spool, kill, number) => {
        const runs = `${spool.root}/runs`
        await kill(['start', '--', 'sh', '-c', `echo begun >>'${runs}'; sleep 0.1; exit 7`])
        const [id, ...others] = await listIds(spool)
        expect(others).toEqual([])
        if (id !== undefined) {
          await expectExit(spool, ['recover', id], 0)
          if (number % 2 === 0) await expectExit(spool, ['wait', id], 7)
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
    await playEach('rm', async (spool, kill) => {
      const [job, bystander] = [await startEnded(spool), await startEnded(spool)]
      await kill(['rm', job.spec.id])
      const ids = await listIds(spool)
      expect(ids).toContain(bystander.spec.id)
      if (ids.length === 2) expectLawful(job, spool, { outcome: { kind: 'exited', code: 7 } })
      await expectExit(spool, ['rm', job.spec.id], ids.length === 2 ? 0 : 2)
      expect(await listIds(spool)).toEqual([bystander.spec.id])
      await expectSwept(spool)
    })
  },
  LIMIT,
)

test(
  'prune: again, it removes what is left, and nothing else',
  async () => {
    await playEach('prune', async (spool, kill) => {
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
    })
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
      { pooled: ['mkdir', 'rmdir'] },
    )
  },
  LIMIT,
)
