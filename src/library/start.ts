/** Starts a job: checked, drafted, put on disk, and given to a chaperone of its own. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Fault } from '../domain/fault.ts'
import type { AskSecret } from '../domain/secret.ts'
import type { Spec } from '../domain/spec.ts'
import { openSpool } from '../spool/guard.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { State } from '../spool/state.ts'
import { readSecret } from '../watcher/read-secret.ts'
import { type StartedJob, startJob } from '../watcher/start-job.ts'
import { checkCommand } from './check-command.ts'
import { type Command, DEFAULTS } from './command.ts'
import { digestAsked } from './document-places.ts'
import { type Draft, draftJob, OPEN } from './draft.ts'
import { attempt, isProblem, type Problem } from './problem.ts'
import { type PutOptions, putOnce } from './put-once.ts'
import { type InSpool, type Surroundings, surroundingsOf } from './surroundings.ts'

export interface StartOptions extends InSpool {
  /**
   * Milliseconds to wait until it is certain that the command began; 0: until the job is on disk. By default as long as it takes, but 10 s
   * when its host can't be reached. Nothing depends on it: the chaperone goes on trying.
   */
  readonly waitStarted?: number
  /** Answers for `askPassword`. */
  readonly askSecret?: AskSecret
}

export interface Started {
  readonly id: string
  readonly paths: JobPaths
  readonly spec: Spec
  /** How it was when the waiting ended; null: nothing is certain yet. It may have ended by then, or been refused. */
  readonly state: State | null
  /** What keeps the host out of reach, while `state` is null. */
  readonly fault: Fault | null
}

/**
 * Starts a job, and returns when it is certain that it began, or that this can't be known yet. The job outlives the program that called.
 * @returns usage, spool, secret, system, id_taken: there is no job. unattended: there is one, and `recover` may bring it to life
 */
export const start = (command: Command, options: StartOptions = {}): Promise<Started | Problem> =>
  attempt<Started | Problem>(async () => {
    const around = surroundingsOf(options)
    const draft = draftCommand(around, command)
    if (isProblem(draft)) return draft
    const { id } = command
    const stdin = (): Uint8Array | null => readStdin(around, command)
    const job = await (id === undefined
      ? putToWork(around, draft, stdin(), options)
      : putOnce(around, id, draft, stdin, options))
    if (isProblem(job)) return job
    return startedOf(job, options)
  })

/** Waits until it is known how it began. */
export const startedOf = async (
  { spec, paths, begun: untilBegun }: StartedJob,
  { waitStarted }: Pick<StartOptions, 'waitStarted'>,
): Promise<Started | Problem> => {
  const begun = waitStarted === 0 ? ({ kind: 'pending', fault: null } as const) : await untilBegun(waitStarted)
  if (begun.kind === 'failed') return { code: 'unattended', id: spec.id, evidence: begun.evidence }
  const { state, fault } = begun.kind === 'certain' ? { ...begun, fault: null } : { ...begun, state: null }
  return { id: spec.id, paths, spec, state, fault }
}

/** The spec of a command, before it has an id. */
export const draftCommand = (around: Surroundings, command: Command): Draft | Problem => {
  const misfit = checkCommand(command)
  if (misfit !== undefined) return misfit
  const { program, host, ...options } = command
  const line = typeof program === 'string' ? { command: program } : {}
  const argv = typeof program === 'string' ? null : program
  const draft = draftJob(around, host, argv, { ...DEFAULTS, ...options, ...line })
  return isProblem(draft) || command.id === undefined ? draft : { ...draft, asked: digestAsked(command.id, command) }
}

/**
 * Puts a drafted job on disk, and gives it to a chaperone.
 * @param stdin the file's content, where the job has one
 * @throws ErrnoException when the job can't be put in the spool: then there is none
 */
export const putToWork = async (
  { spool }: Pick<Surroundings, 'spool'>,
  draft: Draft,
  stdin: Uint8Array | null,
  { askSecret, giveJob }: PutOptions = {},
): Promise<StartedJob | Problem> => {
  const secret = await readSecret(draft.secret, askSecret)
  if (!secret.ok) return { code: 'secret', id: null, fault: secret.fault }
  const fault = openSpool(spool)
  if (fault !== undefined) return { code: 'spool', fault }
  return startJob(spool, draft, stdin, secret.value, giveJob)
}

export const readStdin = ({ cwd }: Surroundings, { stdin }: Pick<Command, 'stdin'>): Uint8Array | null => {
  if (stdin === undefined) return null
  if (stdin === OPEN) return new Uint8Array()
  return typeof stdin === 'string' ? readFileSync(resolve(cwd(), stdin)) : stdin
}
