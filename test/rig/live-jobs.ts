// Jobs that look alive to a watcher, without a thousand chaperones: real directories, their doorbells held by this process, their files
// written by other processes.
import { execFile, execFileSync } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, utimesSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { newJob } from '../../src/domain/job.ts'
import { formatEvent } from '../../src/spool/event-file.ts'
import { openSpool } from '../../src/spool/guard.ts'
import { type JobPaths, jobPaths } from '../../src/spool/layout.ts'
import { recordOfSpec } from '../../src/spool/spec.ts'
import { formatState } from '../../src/spool/state.ts'
import { makeEndedJob, makeSpec } from './records.ts'

export interface LiveJobs {
  readonly ids: readonly string[]
  /** Nobody holds their doorbells any more. */
  close(): void
}

/** Letters only: four of them are enough for 400,000 jobs. */
export const idOf = (number: number): string => {
  let [id, left] = ['', number]
  for (let place = 0; place < 4; place += 1) {
    id = `${'abcdefghijkmnpqrstuvwxyz'[left % 24]}${id}`
    left = Math.floor(left / 24)
  }
  return id
}

const around = (id: string) => ({ id, host: null, chaperonePid: null, now: new Date().toISOString() })

/** A job's directory with its spec, as it is when it runs. */
const makeDir = (spool: string, id: string): JobPaths => {
  const paths = jobPaths(spool, id)
  for (const dir of [paths.dir, paths.requests, paths.chaperones]) mkdirSync(dir, { mode: 0o700 })
  const created = { time: new Date().toISOString(), host: 'rig', user: 'rig' }
  writeFileSync(paths.spec, JSON.stringify(recordOfSpec(makeSpec({ id, created }))), { mode: 0o600 })
  for (const file of [paths.stdout, paths.stderr, paths.timeline, paths.log]) writeFileSync(file, '', { mode: 0o600 })
  writeFileSync(paths.events, formatEvent({ event: 'created' }, created.time), { mode: 0o600 })
  return paths
}

/** @param first the number of the first one's id */
export function makeLiveJobs(spool: string, count: number, first = 0): LiveJobs {
  openSpool(spool)
  const ids = Array.from({ length: count }, (_, index) => idOf(first + index))
  const made = ids.map((id) => {
    const paths = makeDir(spool, id)
    writeFileSync(paths.state, formatState({ ...newJob, phase: 'running' }, around(id)), { mode: 0o600 })
    return paths
  })
  execFileSync('mkfifo', ['-m', '600', ...made.map(({ doorbell }) => doorbell)])
  const held = made.map(({ doorbell }) => openSync(doorbell, constants.O_RDWR | constants.O_NONBLOCK))
  const close = (): void => {
    for (const fd of held) closeSync(fd)
  }
  return { ids, close }
}

/** Jobs that are over, and whose last file is so old, in milliseconds. */
export function makeOldJobs(spool: string, count: number, age: number, first = 0): string[] {
  openSpool(spool)
  const old = new Date(Date.now() - age)
  return Array.from({ length: count }, (_, index) => {
    const id = idOf(first + index)
    const paths = makeDir(spool, id)
    writeFileSync(paths.state, formatState(makeEndedJob(0), { ...around(id), now: old.toISOString() }), { mode: 0o400 })
    for (const path of [paths.state, paths.events]) utimesSync(path, old, old)
    return id
  })
}

/** One more process writes the events `from` to `to` of each job, round by round; they are numbered. */
export async function writeEvents(spool: string, ids: readonly string[], from: number, to: number): Promise<void> {
  const time = new Date().toISOString()
  const script = `cd "$1" && shift && n=${from} && while [ $n -le ${to} ]; do for id; do
    echo '{"time":"${time}","event":"signal_asked","number":'$n'}' >>"$id/events"; done; n=$((n + 1)); done`
  await promisify(execFile)('sh', ['-c', script, 'sh', `${spool}/jobs`, ...ids])
}
