/**
 * Runs the command of --on-exit when the job's end is published: once, whatever dies. The claim is on disk before it is run; who finds a
 * claim and no end records that nobody knows the end. It leads a session of its own, so neither the chaperone's death nor the next
 * chaperone's fence ends it.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { homedir } from 'node:os'
import { exitStatusOfJob, type Job } from '../domain/job.ts'
import type { OnExitEnd } from '../domain/job-events.ts'
import type { Spec } from '../domain/spec.ts'
import { type JobPaths, spoolOf } from '../spool/layout.ts'
import { claimOnExit, endOfOnExit, readOnExit, readOnExitStart, writeOnExit } from '../spool/on-exit.ts'
import { isScarcity } from '../transport/child.ts'
import { documentOfEnd } from './end-document.ts'
import type { Telling } from './telling.ts'

/** Milliseconds until it is killed, with its process group. */
const LIMIT_MS = 3_600_000
/** Milliseconds until the next try, where the system refused something that it may allow later. */
const PAUSE_MS = 5_000
/** Taken from the chaperone's environment even where the job has its own. */
const KEPT = new Set(['HOME', 'PATH'])

export interface OnExit {
  /** The job's end is published. Only the first call counts. */
  readonly begin: (job: Job) => void
  /** Resolves when it is over, or left. */
  readonly over: () => Promise<void>
  /** It is not waited for any more; it goes on. */
  readonly leave: () => void
}

export interface OnExitTerms {
  readonly spec: Spec
  readonly paths: JobPaths
  /** The number of this chaperone. */
  readonly owner: number
  /** Does it still own the job? @throws ErrnoException for what can't be read */
  readonly isOurs: () => boolean
  readonly env: NodeJS.ProcessEnv
  readonly note: (text: string) => void
  readonly telling: Pick<Telling, 'tellOnExit'>
  readonly limit?: number
}

export const startOnExit = (terms: OnExitTerms): OnExit => {
  const { spec, paths, owner, note, telling } = terms
  let work: Promise<void> | undefined
  let leave = (): void => undefined
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })

  /** undefined: the job was removed, and another one may lie in its place. */
  const whileOurs = <T>(act: () => T): Promise<T | undefined> =>
    patiently(note, () => (terms.isOurs() ? act() : undefined))

  const see = async (line: string, job: Job): Promise<void> => {
    const known = readOnExit(paths)
    if (known.ok) return telling.tellOnExit(endOfOnExit(known.value))
    // What can't be understood, a newer chap's for one, says at least that it is over.
    if (known.fault.code !== 'missing') return note(`--on-exit: its end can't be read: ${JSON.stringify(known.fault)}`)
    const log = await whileOurs(() => openSync(paths.onExitLog, 'a', 0o600))
    if (log === undefined) return
    try {
      const document = `${JSON.stringify(documentOfEnd(job, spec, paths))}\n`
      const isOurs = await whileOurs(() => claimOnExit(paths, owner, isoTime()))
      if (isOurs === undefined) return
      const end = isOurs ? await runOnExit(line, log, document, job, terms) : UNKNOWN
      const times = { start_time: readOnExitStart(paths), end_time: isOurs ? isoTime() : null }
      note(`--on-exit: ${JSON.stringify(end)}`)
      await whileOurs(() => {
        writeOnExit(paths, { ...end, ...times })
        telling.tellOnExit(end)
      })
    } finally {
      closeSync(log)
    }
  }

  return {
    begin: (job) => {
      if (spec.onExit === null) return
      work ??= see(spec.onExit, job).catch((error: Error) => note(`--on-exit: ${error.stack}`))
    },
    over: async () => Promise.race([left, work]),
    leave,
  }
}

const UNKNOWN: OnExitEnd = { result: 'unknown', exit_status: null, signal: null, message: null }

const isoTime = (): string => new Date().toISOString()

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS))

/** Until the system allows it. undefined: the job was removed. */
const patiently = async <T>(note: (text: string) => void, work: () => T): Promise<T | undefined> => {
  for (;;) {
    try {
      return work()
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      note(`--on-exit waits: ${message}`)
      await pause()
    }
  }
}

const runOnExit = async (
  line: string,
  log: number,
  document: string,
  job: Job,
  terms: OnExitTerms,
): Promise<OnExitEnd> => {
  for (;;) {
    const ran = runOnce(line, log, document, environmentOf(job, terms), terms.limit ?? LIMIT_MS)
    // Some of what keeps it from being started node throws at once.
    const end = await ran.catch((error: Error) => error)
    if (!(end instanceof Error)) return end
    if (!isScarcity(end)) return { ...UNKNOWN, result: 'failed', message: end.message }
    terms.note(`--on-exit waits: ${end.message}`)
    await pause()
  }
}

/** Names that the job's environment has are left out: their values here may be the same secrets. */
const environmentOf = (job: Job, { spec, paths, env }: OnExitTerms): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.has(name) || !Object.hasOwn(spec.env, name))),
  CHAP_SPOOL: spoolOf(paths),
  CHAP_JOB_ID: spec.id,
  CHAP_JOB_NAME: spec.name ?? '',
  CHAP_HOST: spec.host ?? '',
  CHAP_EXIT_STATUS: String(exitStatusOfJob(job) ?? ''),
})

/** @returns an Error: it was not started */
const runOnce = (
  line: string,
  log: number,
  document: string,
  env: NodeJS.ProcessEnv,
  limit: number,
): Promise<OnExitEnd | Error> =>
  new Promise((resolve) => {
    const child = spawn('sh', ['-c', line], { cwd: homedir(), env, detached: true, stdio: ['pipe', log, log] })
    const { pid } = child
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      if (pid !== undefined) killGroup(pid)
    }, limit)
    const finish = (end: OnExitEnd | Error): void => {
      clearTimeout(timer)
      resolve(end)
    }
    child.once('error', finish)
    child.once('exit', (exit_status, signal) => {
      const result = isLate ? 'timed_out' : signal === null ? 'exited' : 'killed'
      finish({ result, exit_status, signal, message: null })
    })
    // It need not read it. Without a descriptor left there is no stream, whatever the types say.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(document)
  })

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
