// One job of the soak, from its start until it is removed, among faults and watchers.
import { existsSync, rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Outcome } from '../../src/domain/outcome.ts'
import { chap } from '../rig/chap.ts'
import { expectLawful, expectPrefix } from '../rig/invariants.ts'
import { localDraft, makeJob, sshDraft, type TestJob } from '../rig/job.ts'
import type { Spool } from '../rig/spool.ts'
import type { ProxiedSshd } from '../rig/sshd.ts'
import { type Random, startRandom } from '../simulation/random.ts'
import { localFaults, sshFaults } from './faults.ts'
import { makeProgram, type Program } from './program.ts'
import { attach, kill, watchers } from './watchers.ts'

export interface Stage {
  readonly spool: Spool
  readonly sshd: ProxiedSshd
  /** Called with each fault that was made, and each watcher that came. */
  readonly count: (what: 'fault' | 'watcher', name: string) => void
}

/** @returns the bytes that came through @throws when the law is broken, with the job's log */
export const playJob = async (stage: Stage, seed: number, index: number): Promise<number> => {
  const random = startRandom(seed + index * 7_919)
  const { spool, sshd } = stage
  const isLocal = random.chance(0.35)
  const program = makeProgram(`${spool.root}/program-${index}`, `${seed} ${index}`, random)
  const { argv } = program
  const job = makeJob(
    spool,
    isLocal ? localDraft(argv) : sshDraft(sshd, spool, argv, { keepalive: { interval: 1, count: 2 } }),
  )
  try {
    await job.takeUp()
    await followThrough(stage, job, isLocal, random, program)
  } catch (error) {
    const at = `job ${index} of seed ${seed}, ${isLocal ? 'local' : 'ssh'}, ${job.paths.dir}`
    throw new Error(`${at}: ${(error as Error).message}\n${job.log()}`, { cause: error })
  }
  rmSync(`${spool.root}/program-${index}`, { recursive: true })
  return program.written.stdout.length + program.written.stderr.length
}

const followThrough = async (
  stage: Stage,
  job: TestJob,
  isLocal: boolean,
  random: Random,
  program: Program,
): Promise<void> => {
  const { spool } = stage
  const isKilled = random.chance(0.2)
  const moment = (): number => random.between(0, program.milliseconds)
  const names = Object.keys(watchers)
  const guests = Array.from({ length: random.int(3) }, async () => {
    const name = random.pick(names)
    await pause(moment())
    stage.count('watcher', name)
    await watchers[name]?.(job, spool, random)
  })
  const killLater = async (): Promise<void> => {
    await pause(moment())
    stage.count('watcher', 'kill')
    await kill(job, spool, random)
  }
  if (isKilled) guests.push(killLater())
  stage.count('watcher', 'attach')
  await Promise.all([attach(job, spool, random), ...guests, makeFaults(stage, job, isLocal, random, program)])
  // A chaperone that was killed after the end left the remote's files where they are, and nobody waits any more.
  await expectStatus(spool, ['recover', job.spec.id])
  await job.untilLeft(60_000)
  checkEnd(job, spool, program, isKilled)
  await expectStatus(spool, ['rm', job.spec.id])
  if (existsSync(job.paths.dir)) throw new Error('rm left its directory')
}

const makeFaults = async (
  stage: Stage,
  job: TestJob,
  isLocal: boolean,
  random: Random,
  { milliseconds, written }: Program,
): Promise<void> => {
  const faults = isLocal ? localFaults : sshFaults
  const names = Object.keys(faults)
  const count = random.int(5)
  for (let i = 0; i < count; i += 1) {
    await pause(random.between(0, (2 * milliseconds) / count))
    const name = random.pick(names)
    stage.count('fault', name)
    await faults[name]?.(job, stage.sshd, random)
    expectPrefix(job, written)
  }
}

const checkEnd = (job: TestJob, spool: Spool, { outcome, written, runs }: Program, isKilled: boolean): void => {
  const seen = job.state().outcome
  if (!isKilled || (isDeepStrictEqual(seen, outcome) && !isByKill(seen))) {
    expectLawful(job, spool, { outcome, written, runs })
    return
  }
  if (!isByKill(seen)) throw new Error(`killed, it ended with ${JSON.stringify(seen)}`)
  const hasBegun = existsSync(runs)
  if (hasBegun && seen?.kind === 'refused') throw new Error('refused, but it began')
  expectPrefix(job, written)
  // A kill may come before the first line of the script.
  expectLawful(job, spool, { outcome: seen, ...(hasBegun ? { runs } : {}) })
}

const isByKill = (outcome: Outcome | null): boolean =>
  outcome?.kind === 'signaled'
    ? outcome.signal === 'SIGTERM' || outcome.signal === 'SIGKILL'
    : outcome?.kind === 'refused' && outcome.reason === 'stopped'

const expectStatus = async (spool: Spool, args: readonly string[]): Promise<void> => {
  const { exitCode, stderr } = await chap(args, { spool })
  if (exitCode !== 0) throw new Error(`chap ${args.join(' ')} exited ${exitCode}: ${stderr}`)
}
