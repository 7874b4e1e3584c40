// A job by way of the command line: the options are read as `chap start` reads them.
import { Command } from 'commander'
import type { Context } from '../../src/cli/context.ts'
import { isProblem } from '../../src/cli/problem.ts'
import { addStartOptions, type StartOptions } from '../../src/cli/start-options.ts'
import { draftJob } from '../../src/library/draft.ts'
import type { Account } from '../rig/accounts.ts'
import { type Draft, makeJob, type TestJob } from '../rig/job.ts'
import { listProcesses } from '../rig/processes.ts'
import type { Spool } from '../rig/spool.ts'
import { untilSeen } from '../rig/until.ts'

const output = { isTerminal: false, columns: 80, write: () => Promise.resolve(true) }

/** What `chap start ARGS -- ARGV` asks for. */
export const draftOf = (args: readonly string[], argv: readonly string[], cwd: string): Draft => {
  const command = addStartOptions(new Command()).exitOverride()
  command.parse(args, { from: 'user' })
  const context: Context = {
    env: {},
    spool: '',
    config: null,
    stdout: output,
    stderr: output,
    now: Date.now,
    cwd: () => cwd,
    self: () => ({ user: 'rig', host: 'rig', pid: process.pid }),
    input: () => {
      throw new Error('nothing is read')
    },
    readInput: () => Buffer.alloc(0),
    askSecret: () => undefined,
    onSignal: () => () => undefined,
  }
  const draft = draftJob(context, command.args[0], argv, command.opts<StartOptions>())
  if (isProblem(draft)) throw new Error(JSON.stringify(draft))
  return draft
}

export interface Start {
  readonly spool: Spool
  /** Where a local command runs. */
  readonly cwd: string
  readonly args: readonly string[]
  readonly argv: readonly string[]
  /** Who runs chap. */
  readonly owner?: Account | undefined
  /** Where the job's files go there. */
  readonly remoteDir: string
  readonly change?: Partial<Draft>
}

export const startJob = async ({ spool, cwd, args, argv, owner, remoteDir, change }: Start): Promise<TestJob> => {
  const draft = draftOf(args, argv, cwd)
  const there = { remoteDir: draft.route.kind === 'local' ? null : remoteDir }
  const job = makeJob(spool, { ...draft, ...there, ...change }, null, owner)
  await job.takeUp()
  return job
}

/** Waits for the end, and for what stands on a relay: it goes with its connection, a moment after the chaperone. */
export const untilAllLeft = async (job: TestJob): Promise<void> => {
  await job.untilLeft()
  const left = () => listProcesses().filter(({ argv }) => argv.some((word) => word.includes(job.spec.nonce)))
  await untilSeen(left, (found) => found.length === 0, { deadline: 5_000, what: 'the end of all processes' })
}
