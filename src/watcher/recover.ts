/** Brings back the chaperone of a job that lost it. Whoever does it at the same time, one new chaperone owns the job. */
import { existsSync, readFileSync } from 'node:fs'
import { isClosed } from '../domain/job.ts'
import type { AskSecret, SecretFault, SecretSource } from '../domain/secret.ts'
import { readOwner } from '../spool/chaperones.ts'
import { probeDoorbell } from '../spool/doorbell.ts'
import type { JobPaths } from '../spool/layout.ts'
import type { ReadFault } from '../spool/read-record.ts'
import { readSpec } from '../spool/spec.ts'
import { readState } from '../spool/state.ts'
import { findNewer, lookForOwner } from './job-view.ts'
import { readSecret } from './read-secret.ts'
import { spawnChaperone } from './spawn-chaperone.ts'
import { watchDirectory } from './watch-directory.ts'

/** Milliseconds in which a new chaperone must have taken the job up. */
const DEADLINE_MS = 10_000
/** Lines of the job's log that are shown as evidence. */
const LAST_WORDS = 5

export type Recovered =
  | { readonly kind: 'recovered' }
  /** Somebody is there: another was faster, or nothing was wrong. */
  | { readonly kind: 'attended' }
  /** Its chaperone ran on another machine, of which nothing can be said from here. */
  | { readonly kind: 'elsewhere'; readonly host: string }
  /** The job was removed. */
  | { readonly kind: 'gone' }
  /** A newer chap's: only that one knows what is to be done. */
  | { readonly kind: 'unreadable'; readonly fault: ReadFault }
  /** It needs a secret to be let in, and that is not to be had. */
  | { readonly kind: 'locked'; readonly fault: SecretFault }
  | { readonly kind: 'failed'; readonly evidence: string }

/**
 * @param askSecret asks a person for the job's secret; undefined: nobody is there
 * @param source where the secret comes from this time, if not from where the spec says
 */
export const recoverJob = async (paths: JobPaths, askSecret?: AskSecret, source?: SecretSource): Promise<Recovered> => {
  if (!existsSync(paths.spec)) return { kind: 'gone' }
  const spec = readSpec(paths.spec)
  const state = readState(paths.state)
  const newer = findNewer({ spec, state })
  if (newer !== undefined) return { kind: 'unreadable', fault: newer }
  const there = findAttendant(paths)
  if (there !== undefined) return there
  // Before the lock: a person types slowly.
  const own = spec.ok && !(state.ok && isClosed(state.value.job)) ? spec.value.secret : ({ kind: 'none' } as const)
  const secret = await readSecret(source ?? own, askSecret)
  if (!secret.ok) return { kind: 'locked', fault: secret.fault }
  const { withLock } = await import('../spool/lock.ts')
  try {
    const deadline = performance.now() + DEADLINE_MS
    return await withLock(paths.dir, () => replaceChaperone(paths, secret.value, deadline))
  } catch (error) {
    if (!existsSync(paths.spec)) return { kind: 'gone' }
    return { kind: 'failed', evidence: (error as Error).message }
  }
}

/** undefined: nobody is there. */
const findAttendant = (paths: JobPaths): Recovered | undefined => {
  const { owner, presence } = lookForOwner(paths)
  if (presence === 'alive') return { kind: 'attended' }
  if (presence === 'elsewhere') return { kind: 'elsewhere', host: owner?.identity.host ?? 'another machine' }
  return undefined
}

const replaceChaperone = async (paths: JobPaths, secret: string | null, deadline: number): Promise<Recovered> => {
  const there = findAttendant(paths)
  if (there !== undefined) return there
  const previous = readOwner(paths)?.number ?? 0
  const watch = watchDirectory(paths.dir)
  let failure: string | undefined
  let isKilled = false
  const giveJob = spawnChaperone(() => {
    isKilled = true
  })
  void giveJob(paths, secret).then((words) => {
    failure = words
  })
  try {
    while (!isTakenUp(paths, previous)) {
      if (failure !== undefined) return { kind: 'failed', evidence: failure }
      if (performance.now() > deadline) return { kind: 'failed', evidence: lastWords(paths) }
      if (isKilled || hasDied(paths, previous)) return await replaceChaperone(paths, secret, deadline)
      await watch.changed()
    }
    return { kind: 'recovered' }
  } finally {
    watch.close()
  }
}

/** It owns the job and can be called; or it did what was left to do, and went. */
const isTakenUp = (paths: JobPaths, previous: number): boolean => {
  if ((readOwner(paths)?.number ?? 0) <= previous) return false
  if (probeDoorbell(paths.doorbell)) return true
  const state = readState(paths.state)
  return state.ok && isClosed(state.value.job)
}

/** It was killed when it owned the job and could not be called yet; or (isKilled) before that: there has to be another, as there had to be this one. */
const hasDied = (paths: JobPaths, previous: number): boolean => {
  const { owner, presence } = lookForOwner(paths)
  return (owner?.number ?? 0) > previous && presence === 'dead'
}

/** The end of the job's log. */
export const lastWords = (paths: JobPaths): string => {
  try {
    return readFileSync(paths.log, 'utf8').trimEnd().split('\n').slice(-LAST_WORDS).join('\n')
  } catch (error) {
    return (error as NodeJS.ErrnoException).message
  }
}
