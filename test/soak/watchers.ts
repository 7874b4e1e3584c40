// Random watchers of the soak: each comes back with what is wrong with what it saw, or with nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { exitStatusOf } from '../../src/domain/outcome.ts'
import { type ChapResult, chap, program, startChap } from '../rig/chap.ts'
import type { TestJob } from '../rig/job.ts'
import type { Spool } from '../rig/spool.ts'
import type { Random } from '../simulation/random.ts'

/** Resolves when it has ended. A rejection, too, is a violation. */
export type Watcher = (job: TestJob, spool: Spool, random: Random) => Promise<void>

const DEADLINE_MS = 180_000

const statusOf = (job: TestJob): number => {
  const { outcome, ended_by } = job.state()
  if (outcome === null) throw new Error('a watcher came back before the end')
  return exitStatusOf(outcome, ended_by)
}

const expectStatus = (
  what: string,
  job: TestJob,
  { exitCode, stderr }: Pick<ChapResult, 'exitCode' | 'stderr'>,
): void => {
  if (exitCode !== statusOf(job)) throw new Error(`${what} exited ${exitCode} instead of ${statusOf(job)}: ${stderr}`)
}

/** Sees all of it, byte for byte, and ends as the job does. */
const follow =
  (...command: readonly string[]): Watcher =>
  async (job, spool) => {
    const result = await chap([...command, job.spec.id], { spool, deadline: DEADLINE_MS })
    expectStatus(command.join(' '), job, { ...result, stderr: '' })
    if (!result.stdoutBytes.equals(readFileSync(job.paths.stdout)))
      throw new Error(`${command.join(' ')} showed ${result.stdoutBytes.length} bytes, or others`)
  }

export const attach = follow('attach')

const attachInto =
  (reader: string): Watcher =>
  async (job, spool) => {
    const line = `"$@" 2>/dev/null | ${reader} >/dev/null`
    const args = ['-c', line, 'sh', process.execPath, program, 'attach', job.spec.id]
    await once(spawn('sh', args, { env: spool.env, stdio: 'ignore', timeout: DEADLINE_MS }), 'exit')
  }

const interrupted: Watcher = async (job, spool, random) => {
  const attached = startChap(['attach', job.spec.id], { spool, deadline: DEADLINE_MS })
  await pause(random.between(200, 1_500))
  attached.kill('SIGINT')
  const result = await attached.result
  // Before chap has a handler the signal simply ends it.
  if (result.exitCode !== 130 && result.signal !== 'SIGINT') expectStatus('attach, interrupted,', job, result)
}

export const watchers: Readonly<Record<string, Watcher>> = {
  'logs -f': follow('logs', '-f'),
  wait: async (job, spool) =>
    expectStatus('wait', job, await chap(['wait', job.spec.id], { spool, deadline: DEADLINE_MS })),
  'attach | head': attachInto('head -c 10000'),
  'attach | slow': attachInto('{ sleep 1; cat; }'),
  'attach, ^C': interrupted,
}

/** The one watcher that changes something. */
export const kill: Watcher = async (job, spool, random) => {
  const grace = random.pick(['0', '1', '3'])
  const { exitCode, stderr } = await chap(['kill', '--grace', grace, job.spec.id], { spool, deadline: DEADLINE_MS })
  if (exitCode !== 0) throw new Error(`kill exited ${exitCode}: ${stderr}`)
}
