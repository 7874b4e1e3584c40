/** What a chaperone does for the other jobs of its job's group when its own has ended: ends them (--fail-fast), or gives them their turns. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname, userInfo } from 'node:os'
import { withoutCertificates } from '../domain/lean-environment.ts'
import type { Spec } from '../domain/spec.ts'
import { readOwner } from '../spool/chaperones.ts'
import { stopAfterFailure } from '../spool/fail-fast.ts'
import { readGroup } from '../spool/groups.ts'
import { groupPaths, type JobPaths, jobPaths, spoolOf } from '../spool/layout.ts'
import { giveTurns, turnOf } from '../spool/queue.ts'
import { readOpenRequests } from '../spool/requests.ts'
import { readSpec } from '../spool/spec.ts'

/** Milliseconds in which a chaperone must have ended a job that never began. */
const ENDING_MS = 10_000

export interface GroupDuty {
  /** The job's end is published. Only the first call counts. */
  readonly begin: () => void
  /** Resolves when all is done that was begun; to why it could not be. */
  readonly over: () => Promise<string | undefined>
}

/** A job whose turn has not come is taken up only for this. */
export const isToBeEnded = (paths: JobPaths): boolean =>
  readOwner(paths) !== undefined || readOpenRequests(paths.requests).requests.some(({ kind }) => kind === 'stop')

/** @param secret the job's own; all jobs of a group with turns have theirs from the same place */
export const startGroupDuty = ({ group }: Spec, paths: JobPaths, secret: string | null): GroupDuty => {
  let work: Promise<string | undefined> | undefined
  const spool = spoolOf(paths)

  const seeToOthers = async (): Promise<void> => {
    if (group === null) return
    const by = { user: userInfo().username, host: hostname(), pid: process.pid }
    if (stopAfterFailure(spool, group, by)) return group.maxParallel === null ? undefined : endWaiting(spool, group.id)
    for (const next of giveTurns(spool, group)) callChaperone(next)
  }

  /** One after the other, and by one chaperone at a time: all those that are ended now come here. */
  const endWaiting = async (dir: string, id: string): Promise<void> => {
    const { withLock } = await import('../spool/lock.ts')
    await withLock(groupPaths(dir, id).dir, async (lost) => {
      for (const job of readGroup(dir, id) ?? []) {
        if (lost.aborted) return
        const waiting = jobPaths(dir, job)
        const spec = readSpec(waiting.spec)
        if (!spec.ok || turnOf(waiting, spec.value) !== null || readOwner(waiting) !== undefined) continue
        await once(callChaperone(waiting), 'exit', { signal: AbortSignal.timeout(ENDING_MS) })
      }
    })
  }

  const callChaperone = (next: JobPaths) => {
    const [program = ''] = process.argv.slice(1)
    const child = spawn(process.execPath, ['--v8-pool-size=0', program], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: withoutCertificates(process.env),
    })
    child.unref()
    // What can't be started is an orphan, which whoever waits for it sees.
    child.on('error', () => undefined)
    child.stdin.on('error', () => undefined)
    child.stdin.end(secret === null ? next.dir : `${next.dir}\0${secret}`)
    return child
  }

  return {
    begin: () => {
      work ??= seeToOthers().then(
        () => undefined,
        (error: Error) => error.message,
      )
    },
    over: async () => work,
  }
}
