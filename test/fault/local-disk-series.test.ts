// Row 11, for a series: this machine's disk is full while its notes of runs must grow, and later it is not.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect } from 'vitest'
import { parseRuns, type RunNote } from '../../src/spool/runs.ts'
import { chap } from '../rig/chap.ts'
import { type Disk, mountDisk } from '../rig/disk.ts'
import { localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import { testWith } from '../rig/requires.ts'
import { until } from '../rig/until.ts'
import { setScene } from './scene.ts'

const test = testWith('linux', 'root', 'ssh', 'sshd', 'perl')
const scene = setScene()
let disk: Disk | undefined
afterEach(() => {
  disk?.release()
  disk = undefined
})

const series = { every: 100, count: null, initialDelay: 0, jitter: 0, overrun: 'skip' } as const

const notesOf = (job: TestJob): RunNote[] => parseRuns(readFileSync(job.paths.runs, 'utf8'))

/** Takes the last byte of it. */
const fill = (dir: string): void => {
  for (const size of [65_536, 4_096, 512, 1]) while (hasRoom(`${dir}/filling`, size));
}

const hasRoom = (file: string, size: number): boolean => {
  try {
    writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return false
  }
}

/** For the time of fifteen fires there is no note. */
const untilStill = (job: TestJob): Promise<unknown> => {
  let [size, since] = [0, performance.now()]
  const isStill = (): boolean => {
    const now = statSync(job.paths.runs).size
    if (now !== size) [size, since] = [now, performance.now()]
    return performance.now() - since > 1_500
  }
  return until(isStill, { deadline: 40_000, what: 'notes that wait' })
}

describe.each(['ssh', 'here'] as const)('a series %s', (where) => {
  test('its notes wait for room; none is lost or torn, no run begins twice, and what was not run is named', async () => {
    const { spool, sshd } = scene
    disk = mountDisk(spool.dir, 1_024)
    // Somewhere else it is counted what really ran.
    const argv = ['sh', '-c', `echo $CHAP_RUN >>'${spool.root}/ran'; echo run $CHAP_RUN`] as const
    const job = makeJob(spool, where === 'ssh' ? sshDraft(sshd, spool, argv, { series }) : localDraft(argv, { series }))
    await job.takeUp()
    await until(() => notesOf(job).length > 4, { deadline: 20_000, what: 'some runs' })
    fill(spool.dir)
    await until(() => job.state().disk?.code === 'disk_full', { deadline: 30_000, what: 'a state that says so' })
    // Over ssh its notes come to the end of their last block; here the launcher has no room for what it keeps of a run.
    await untilStill(job)
    expect((await chap(['inspect', job.spec.id], { spool })).stdout).toMatch(/disk +no space is left for the spool \(/)
    const before = notesOf(job).length
    disk.resize(4_096)
    await until(() => notesOf(job).length > before + 4, { deadline: 30_000, what: 'more runs' })
    job.ask('stop', 'SIGTERM', 1)
    const state = await job.untilLeft(60_000)

    expect(state).toMatchObject({ state: 'ended', disk: null, runs_size: statSync(job.paths.runs).size })
    const notes = notesOf(job)
    const begun = notes.flatMap((note) => (note.kind === 'begun' ? [note.run] : []))
    // A note that was torn by the full disk may be said again.
    const runs = [...new Set(begun)]
    const ran = readFileSync(`${spool.root}/ran`, 'utf8').trim().split('\n').map(Number)
    // The last one was ended, maybe before it could say anything.
    expect([runs, runs.slice(0, -1)]).toContainEqual(ran)
    const missed = notes.flatMap((note) =>
      note.kind === 'missed' ? Array.from({ length: note.to - note.from + 1 }, (_, at) => note.from + at) : [],
    )
    const known = [...new Set([...runs, ...missed])].toSorted((a, b) => a - b)
    expect(known).toEqual(Array.from({ length: known.length }, (_, at) => at + 1))
    // Each run's bytes are where its notes say.
    const stdout = readFileSync(job.paths.stdout, 'utf8')
    const said = notes
      .slice(0, -2)
      .flatMap((note) => (note.kind === 'begun' ? [[note.run, stdout.slice(note.at.stdout)]] : []))
    expect(said.filter(([run, text]) => !String(text).startsWith(`run ${run}\n`))).toEqual([])
    expect(state.stdout.size).toBe(statSync(job.paths.stdout).size)
  }, 120_000)
})
