/** What start and run do alike: read what was asked, and put it to work. */
import { writeFileSync } from 'node:fs'
import { openSpool } from '../spool/guard.ts'
import { readSecret } from '../watcher/read-secret.ts'
import { type StartedJob, startJob } from '../watcher/start-job.ts'
import { draftJob } from './draft.ts'
import type { Invocation } from './invocation.ts'
import { isProblem, type Problem } from './problem.ts'
import { asker } from './secrets.ts'
import type { StartOptions } from './start-options.ts'

export const beginJob = async (
  { context, program, giveJob }: Invocation,
  host: string | undefined,
  options: StartOptions,
): Promise<StartedJob | Problem> => {
  const draft = draftJob(context, host, program, options)
  if (isProblem(draft)) return draft
  const stdin = options.stdin === undefined ? null : context.readInput(options.stdin)
  const secret = await readSecret(draft.secret, asker(context, draft.host))
  if (!secret.ok) return { code: 'secret', id: null, fault: secret.fault }
  const fault = openSpool(context.spool)
  if (fault !== undefined) return { code: 'spool', fault }
  const job = startJob(context.spool, draft, stdin, secret.value, giveJob)
  if (options.idFile !== undefined) writeFileSync(options.idFile, `${job.spec.id}\n`)
  return job
}
