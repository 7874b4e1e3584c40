/** What one that waits does for the whole group of a job: a chaperone that was killed must not stop the others' turns, nor --fail-fast. */

import { existsSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import type { AskSecret } from '../domain/secret.ts'
import type { Spec } from '../domain/spec.ts'
import { stopAfterFailure } from '../spool/fail-fast.ts'
import { type JobPaths, spoolOf } from '../spool/layout.ts'
import { giveTurns, hasTurnsToGive } from '../spool/queue.ts'
import { readOpenRequests } from '../spool/requests.ts'
import { readSecret } from './read-secret.ts'
import { recoverJob } from './recover.ts'
import { spawnChaperone } from './spawn-chaperone.ts'
import type { Trouble } from './trouble.ts'

/** Milliseconds between looks at a group, however many of its jobs are waited for. */
const PAUSE_MS = 1_000
/** A look may take such a share of the time. */
const SHARE = 1 / 20

const nextLooks = new Map<string, number>()

/** Looks, if it is time to. @throws ErrnoException when the spool can't be written */
export const tendGroup = async (
  paths: JobPaths,
  { group, secret: source }: Spec,
  askSecret: AskSecret | undefined,
): Promise<void> => {
  if (group === null || (group.maxParallel === null && !group.failFast)) return
  const start = performance.now()
  const spool = spoolOf(paths)
  const key = `${spool} ${group.id}`
  if (start < (nextLooks.get(key) ?? 0)) return
  // Before anything is waited for: others come here meanwhile.
  nextLooks.set(key, Number.POSITIVE_INFINITY)
  try {
    const by = { user: userInfo().username, host: hostname(), pid: process.pid }
    if (stopAfterFailure(spool, group, by) || !hasTurnsToGive(spool, group)) return
    const secret = await readSecret(source, askSecret)
    if (!secret.ok) return
    for (const next of giveTurns(spool, group)) void spawnChaperone()(next, secret.value)
  } finally {
    const end = performance.now()
    nextLooks.set(key, end + Math.max(PAUSE_MS, (end - start) / SHARE))
  }
}

/** Chaperones at a time that only end what never began. */
const ENDERS = 4
let enders = 0
const waiting: (() => void)[] = []

/** A job whose turn has not come, and that is to be stopped, is ended by a chaperone that does nothing else. */
export const endIfAsked = async (paths: JobPaths): Promise<Trouble | undefined> => {
  if (!existsSync(paths.requests)) return undefined
  if (!readOpenRequests(paths.requests).requests.some(({ kind }) => kind === 'stop')) return undefined
  if (enders >= ENDERS) await new Promise<void>((resolve) => waiting.push(resolve))
  enders += 1
  try {
    const recovered = await recoverJob(paths, undefined, { kind: 'none' })
    if (recovered.kind === 'gone' || recovered.kind === 'unreadable' || recovered.kind === 'locked') return recovered
    return recovered.kind === 'failed' ? { kind: 'unattended', evidence: recovered.evidence } : undefined
  } finally {
    enders -= 1
    waiting.shift()?.()
  }
}
