// What the tests of killed commands stand on: a play for each point in a spool of its own, and what must be true of it afterwards.
import { existsSync, readdirSync, utimesSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'
import { chap, program } from '../rig/chap.ts'
import { atEveryPoint, type Scene } from '../rig/crash-points.ts'
import type { TestJob } from '../rig/job.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'

export const LIMIT = 180_000

/** Holds the spools of all plays. */
let outer: Spool
beforeEach(async () => {
  outer = await makeSpool()
})
afterEach(() => cleanUp(outer))

/** Plays in a spool of its own, and prints how many points there were. */
export const playEach = async (
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
export const listIds = async (spool: Spool): Promise<string[]> => {
  const { stdout, exitCode } = await chap(['ls', '-a', '--json'], { spool })
  expect(exitCode).toBe(0)
  const jobs = JSON.parse(stdout) as { id: string; unreadable: unknown[] }[]
  expect(jobs.flatMap(({ unreadable }) => unreadable)).toEqual([])
  return jobs.map(({ id }) => id)
}

export const expectExit = async (spool: Spool, args: readonly string[], ...statuses: number[]): Promise<void> => {
  const { exitCode, stderr } = await chap(args, { spool })
  expect(statuses, `chap ${args.join(' ')}: ${exitCode} ${stderr}`).toContain(exitCode)
}

/** An hour passes: then what a crash left half made is nobody's, and prune removes it. */
export const expectSwept = async (spool: Spool): Promise<void> => {
  const jobs = `${spool.dir}/jobs`
  if (!existsSync(jobs)) return
  const longAgo = new Date(Date.now() - 7_200_000)
  for (const name of readdirSync(jobs)) if (name.startsWith('.')) utimesSync(`${jobs}/${name}`, longAgo, longAgo)
  await expectExit(spool, ['prune'], 0)
  expect(readdirSync(jobs).filter((name) => name.startsWith('.'))).toEqual([])
}

/** Ten seconds pass: then the lock of one that died over it is nobody's. */
export const ageLock = ({ paths }: TestJob): void => {
  const ago = new Date(Date.now() - 20_000)
  if (existsSync(`${paths.dir}/lock`)) utimesSync(`${paths.dir}/lock`, ago, ago)
}
