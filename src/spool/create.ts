/** A new job's directory: it appears whole, under an id that nobody else has. */
import { randomBytes, randomInt } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newJob } from '../domain/job.ts'
import type { Spec } from '../domain/spec.ts'
import { syncDirectory } from './atomic.ts'
import { formatEnvironment } from './environment.ts'
import { formatEvent } from './event-file.ts'
import { groupPaths, type JobPaths, jobPaths, jobsDir, pathsIn } from './layout.ts'
import { makeDoorbell } from './make-doorbell.ts'
import { fillSpares } from './spare.ts'
import { recordOfSpec } from './spec.ts'
import { formatState } from './state.ts'

const LETTERS = 'abcdefghijkmnpqrstuvwxyz'
const LETTERS_AND_DIGITS = `${LETTERS}23456789`
/** 24 * 32^3 = 786,432 ids; one that is taken is drawn again. */
const ID_LENGTH = 4

export const drawId = (): string =>
  Array.from({ length: ID_LENGTH }, (_, place) => {
    const alphabet = place === 0 ? LETTERS : LETTERS_AND_DIGITS
    return alphabet[randomInt(alphabet.length)]
  }).join('')

/** What a job is made of, beside its stdin. */
export interface NewSpec extends Omit<Spec, 'id' | 'nonce'> {
  /** What says at the callback's receiver who is calling. It is kept in a file of its own. */
  readonly callbackToken?: string | null
}

export interface NewJob {
  readonly spec: Spec
  readonly paths: JobPaths
}

/**
 * Makes the directory of a job that nobody has taken up yet.
 * @param stdin the file's content, where the job has one
 * @param draw gives an id to try; called again while one is taken
 * @param makeBell makes a FIFO at a path
 * @throws ErrnoException (ENOSPC, EACCES, ...): then there is no such job
 */
export const createJob = (
  spool: string,
  { callbackToken = null, ...draft }: NewSpec,
  stdin: Uint8Array | null,
  draw: () => string = drawId,
  makeBell: (path: string) => void = makeDoorbell,
): NewJob => {
  const nonce = randomBytes(8).toString('hex')
  const staging = pathsIn(join(jobsDir(spool), `.new-${nonce}`))
  try {
    mkdirSync(staging.dir, { mode: 0o700 })
    mkdirSync(staging.requests, { mode: 0o700 })
    for (const path of [staging.stdout, staging.stderr, staging.timeline, staging.log]) writeNew(path, '')
    if (draft.series !== null) writeNew(staging.runs, '')
    if (Object.keys(draft.env).length > 0) writeNew(staging.environment, formatEnvironment(draft.env))
    if (callbackToken !== null) writeNew(staging.callbackToken, `${callbackToken}\n`)
    if (stdin !== null) writeNew(staging.stdin, stdin)
    makeBell(staging.doorbell)
    fillSpares(staging.spares)
    for (;;) {
      const spec: Spec = { ...draft, id: draw(), nonce }
      if (existsSync(groupPaths(spool, spec.id).dir)) continue
      writeNew(staging.spec, `${JSON.stringify(recordOfSpec(spec), null, 2)}\n`)
      const around = { id: spec.id, host: spec.host, chaperonePid: null, now: spec.created.time }
      writeNew(staging.state, formatState(newJob, around))
      // As every line of it: not synced, which takes as long as all else that a job's directory needs.
      writeNew(staging.events, formatEvent({ event: 'created' }, spec.created.time), false)
      syncDirectory(staging.dir)
      const paths = jobPaths(spool, spec.id)
      if (!renameUnlessTaken(staging.dir, paths.dir)) continue
      syncDirectory(jobsDir(spool))
      return { spec, paths }
    }
  } catch (error) {
    rmSync(staging.dir, { recursive: true, force: true })
    throw error
  }
}

const writeNew = (path: string, content: string | Uint8Array, isDurable = true): void => {
  const fd = openSync(path, 'w', 0o600)
  try {
    writeFileSync(fd, content)
    if (content.length > 0 && isDurable) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

const renameUnlessTaken = (from: string, to: string): boolean => {
  try {
    renameSync(from, to) // a directory that is not empty is never replaced
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
    throw error
  }
}
