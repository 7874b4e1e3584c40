// Jobs as the measurements need them: started as a person would, and seen to their very end, so that nothing of them is left in the next figure.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isClosed } from '../../src/domain/job.ts'
import { readOwner } from '../../src/spool/chaperones.ts'
import { probeDoorbell } from '../../src/spool/doorbell.ts'
import { type JobPaths, jobPaths } from '../../src/spool/layout.ts'
import { readState } from '../../src/spool/state.ts'
import { until } from '../rig/until.ts'
import { type Ran, type RunOptions, run } from './run.ts'
import type { Bench } from './work.ts'

export interface StartedJob extends Ran {
  readonly id: string
  readonly paths: JobPaths
}

/** `chap start` with these arguments. */
export const startJob = async (
  bench: Bench,
  args: readonly string[],
  options: RunOptions = {},
): Promise<StartedJob> => {
  const ran = await run(bench, [...bench.chap, 'start', ...args], options)
  const id = ran.stdout.trim()
  return { ...ran, id, paths: jobPaths(bench.spool.dir, id) }
}

export const chaperoneOf = (paths: JobPaths): number => readOwner(paths)?.identity.pid ?? 0

/** Some at a time, as nobody waits for each: what starting costs is measured elsewhere. */
const AT_ONCE = 4

export const startJobs = async (
  bench: Bench,
  count: number,
  args: (number: number) => readonly string[],
  options: RunOptions = {},
): Promise<StartedJob[]> => {
  const started: StartedJob[] = []
  while (started.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - started.length) }, (_, n) => started.length + n)
    started.push(...(await Promise.all(next.map((number) => startJob(bench, args(number), options)))))
  }
  return started
}

/** Its output is all here. */
export const untilEnded = (paths: JobPaths, deadline: number, look: () => void = () => undefined): Promise<unknown> =>
  until(
    () => {
      look()
      const state = readState(paths.state)
      return state.ok && state.value.job.phase === 'ended'
    },
    { deadline, every: 10, what: `the end of ${paths.dir}` },
  )

/** It is compared and cleaned up there, and its chaperone is gone. */
export const untilLeft = (paths: JobPaths, deadline = 60_000): Promise<unknown> =>
  until(
    () => {
      const state = readState(paths.state)
      return state.ok && isClosed(state.value.job) && !probeDoorbell(paths.doorbell)
    },
    { deadline, every: 10, what: `the end of the chaperone of ${paths.dir}` },
  )

export const allJobs = ({ spool }: Pick<Bench, 'spool'>): string[] => {
  const dir = `${spool.dir}/jobs`
  return existsSync(dir) ? readdirSync(dir) : []
}

/** Kills and removes what there is, and sees all chaperones gone. */
export const removeAll = async (bench: Bench): Promise<void> => {
  const ids = allJobs(bench)
  if (ids.length > 0) await run(bench, [...bench.chap, 'rm', '--force', ...ids])
}

/** KiB of a living process, `Pss` or `Private`; 0: it is none any more. */
export const memoryOf = (pid: number, kind: 'Pss' | 'Private'): number => {
  const wanted = kind === 'Pss' ? /^Pss:\s+(\d+) kB/gm : /^Private_(?:Clean|Dirty):\s+(\d+) kB/gm
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    return Array.from(text.matchAll(wanted)).reduce((sum, [, kib]) => sum + Number(kib), 0)
  } catch {
    return 0
  }
}

/** Seconds of CPU that a living process has used, to the microsecond; 0: it is none any more. */
export const cpuSeconds = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]) / 1e9)
      .reduce((sum, seconds) => sum + seconds, 0)
  } catch {
    return 0
  }
}
