/** The world as it is: clock, disk, and links. */
import { appendFileSync, rmSync } from 'node:fs'
import type { InputRequest } from '../domain/input.ts'
import type { Job } from '../domain/job.ts'
import type { Spec } from '../domain/spec.ts'
import { writeRecord } from '../spool/atomic.ts'
import { removeEnvironment } from '../spool/environment.ts'
import { beginsWith, storeInput } from '../spool/input.ts'
import type { JobPaths } from '../spool/layout.ts'
import { type OpenRequests, putAnswer, readOpenRequests } from '../spool/requests.ts'
import { readLastRuns } from '../spool/runs-file.ts'
import { isNoRoom } from '../spool/spare.ts'
import { formatState, modeOf } from '../spool/state.ts'
import { startCentralLog } from './central-log.ts'
import { startFindingFull } from './find-full.ts'
import { startGapKeeper } from './gap-keeper.ts'
import { readSizes, startMarks } from './marks.ts'
import { linkOpener } from './open-link.ts'
import type { Telling } from './telling.ts'
import { verifyOutput } from './verify.ts'
import type { World, Written } from './world.ts'

/** What the system says when a file can't be written now but may be later. */
const BLOCKED = new Set(['EROFS', 'EIO', 'EMFILE', 'ENFILE', 'EACCES'])

const attempt = (write: () => Written): Written => {
  try {
    return write()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'gone'
    if (isNoRoom(error)) return { full: message }
    if (code !== undefined && BLOCKED.has(code)) return { blocked: message }
    throw error
  }
}

/** What can't be read now is read at the next look. */
const readOrNone = (dir: string, isOurs: () => boolean): OpenRequests => {
  const none = { requests: [], invalid: new Map() }
  try {
    const open = readOpenRequests(dir)
    return open.requests.length + open.invalid.size === 0 || isOurs() ? open : none
  } catch (error) {
    if (!BLOCKED.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    return none
  }
}

const bytesOf = ({ data }: InputRequest): Uint8Array => Buffer.from(data, 'base64')

export const realWorld = (
  spec: Spec,
  paths: JobPaths,
  isOurs: () => boolean,
  env: NodeJS.ProcessEnv,
  secret: string | null,
  telling: Telling,
  onEnded: (job: Job) => void,
): World => {
  const now = Date.now
  const time = (): string => new Date(now()).toISOString()
  const around = { id: spec.id, host: spec.host, chaperonePid: process.pid }
  const note = (text: string): void => {
    try {
      appendFileSync(paths.log, `${time()} ${text}\n`)
    } catch {
      // A log that can't be written (full disk, deleted directory) must not end the job's only attendant.
    }
  }
  const conclude = (job: Job): void => {
    removeEnvironment(paths.environment)
    onEnded(job)
  }
  const central = spec.logFile === null ? null : startCentralLog(spec, spec.logFile, paths, now, note)
  const keeper = startGapKeeper(spec, paths, now, isOurs, note)
  const mark = startMarks(paths, now, (marks) => central?.add(marks) === 'more')
  return {
    spec,
    now,
    random: Math.random,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
    save: (job) =>
      attempt(() => {
        if (!isOurs()) return readSizes(paths) === null ? 'gone' : 'superseded'
        const leaving = job.link.status === 'closed'
        writeRecord(
          paths.state,
          formatState(job, { ...around, chaperonePid: leaving ? null : process.pid, now: time() }),
          job.disk !== null || leaving ? paths.spares : null,
          modeOf(job, spec),
        )
        if (job.phase === 'ended') conclude(job)
        if (leaving) rmSync(paths.spares, { recursive: true, force: true })
        telling.tell(job)
        return 'written'
      }),
    readRequests: () => {
      const { requests, invalid } = readOrNone(paths.requests, isOurs)
      for (const [id, fault] of invalid) {
        note(`request ${id} can't be understood: ${JSON.stringify(fault)}`)
        attempt(() => {
          putAnswer(paths, id, 'invalid', time())
          return 'written'
        })
      }
      return requests
    },
    store: (request, place) => {
      const stored = attempt(() => {
        if (!isOurs()) return 'superseded'
        const isOther = (left: Uint8Array): boolean =>
          readOrNone(paths.requests, isOurs).requests.some(
            (one) => one.kind === 'input' && one.id !== request.id && beginsWith(bytesOf(one), left),
          )
        return storeInput(paths.stdin, place, bytesOf(request), isOther)
          ? 'written'
          : { blocked: 'another comes first' }
      })
      if (stored === 'written') return true
      note(`input is not taken yet: ${JSON.stringify(stored)}`)
      return false
    },
    answer: (id, result) =>
      attempt(() => {
        if (!isOurs()) return readSizes(paths) === null ? 'gone' : 'superseded'
        putAnswer(paths, id, result, time())
        return 'written'
      }),
    sizes: () => readSizes(paths),
    reached: () => readLastRuns(paths.runs).reached,
    findFull: startFindingFull(paths, now),
    mark: () => {
      keeper?.look()
      return mark()
    },
    logRest: () => {
      if (central === null) return 'done'
      mark()
      return central.finish()
    },
    openLink: linkOpener(spec, paths, env, secret, keeper),
    verify: async (job) => {
      await keeper?.finish()
      return verifyOutput(job, paths, spec.limits)
    },
    note,
  }
}
