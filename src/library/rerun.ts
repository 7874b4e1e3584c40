/** The command of a job once more: all as it was asked, under a new id, in a job that says whose command it is. */
import { readFileSync } from 'node:fs'
import { readEnvironment as readKept } from '../spool/environment.ts'
import type { JobView } from '../watcher/job-view.ts'
import { type JobLike, lookUp } from './choose-job.ts'
import { type Draft, readEnvironment } from './draft.ts'
import { attempt, isProblem, type Problem, usage } from './problem.ts'
import { putToWork, type Started, type StartOptions, startedOf } from './start.ts'
import { type Surroundings, surroundingsOf } from './surroundings.ts'

export interface RerunOptions extends StartOptions {
  /** Values of the job's environment: those of an ended job are not kept. A name that the job did not have is added. */
  readonly env?: Readonly<Record<string, string>>
  /** For the receiver of its callback, if it has one: it is not kept. */
  readonly callbackToken?: string
}

/** What is not kept of a job. */
export interface NotKept {
  readonly env: Readonly<Record<string, string>>
  readonly callbackToken: string | null
}

/** What is put to work again, and what is on its stdin. */
export interface Redraft {
  readonly draft: Draft
  readonly stdin: Uint8Array | null
}

/**
 * Starts a job's command again, in a job of its own whose spec names this one (`rerunOf`); also while this one still runs. One of a group is a
 * single job then. A stdin that was read at the start is read again; one that was open is open and empty.
 * @returns as `start`; usage, too, when values of the environment are missing, or its callback's URL has no `{id}`; unreadable: its spec can't be read
 */
export const rerun = (job: JobLike, options: RerunOptions = {}): Promise<Started | Problem> =>
  attempt<Started | Problem>(async () => {
    const around = surroundingsOf(options)
    const view = lookUp(around, job)
    if (isProblem(view)) return view
    const env = readEnvironment(around, options.env ?? {})
    if (isProblem(env)) return env
    const again = redraft(around, view, { env, callbackToken: options.callbackToken ?? null })
    if (isProblem(again)) return again
    const started = await putToWork(around, again.draft, again.stdin, options)
    return isProblem(started) ? started : startedOf(started, options)
  })

/** As it was, but by who asks now, and in no group. @throws ErrnoException when its stdin can't be read */
export const redraft = (
  around: Surroundings,
  { id, spec, paths, verdict }: Pick<JobView, 'id' | 'spec' | 'paths' | 'verdict'>,
  { env: given, callbackToken }: NotKept,
): Redraft | Problem => {
  if (!spec.ok) return { code: 'unreadable', id, fault: spec.fault }
  const { id: _, nonce: __, ...before } = spec.value
  if (before.callback !== null && !before.callback.url.includes('{id}'))
    return usage(
      `${id} calls back at a URL of its own: the receiver would take the output of a second job for that of the first`,
      'a job whose URL has {id} in it can be started again; this one only anew, with another --callback',
    )
  // Of an ended job they are there for a moment more; who asks then shall not be told otherwise than who asks later.
  const kept = verdict === 'ended' ? spec : readKept(paths.environment, spec.value)
  const env: Record<string, string> = { ...given }
  const missing: string[] = []
  for (const [name, value] of Object.entries(kept.ok ? kept.value.env : before.env))
    if (value === null) missing.push(...(Object.hasOwn(given, name) ? [] : [name]))
    else env[name] ??= value
  if (missing.length > 0)
    return usage(
      `${id} can't be started again without ${missing.join(', ')}: values of the environment are not kept when a job has ended`,
      `give them again: ${missing.map((name) => `--env ${name}=...`).join(' ')}`,
    )
  const { user, host } = around.self()
  const created = { time: new Date(around.now()).toISOString(), host, user }
  const again = before.callback === null ? {} : { callbackToken }
  return {
    draft: { ...before, ...again, env, group: null, rerunOf: id, asked: null, created },
    stdin: !before.hasStdin ? null : before.stdinOpen ? new Uint8Array() : readFileSync(paths.stdin),
  }
}
