// One job driven below the command line: its directory made, its chaperone started, killed and started again by hand.
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Signal } from '../../src/domain/signals.ts'
import type { Spec } from '../../src/domain/spec.ts'
import { readOwner } from '../../src/spool/chaperones.ts'
import { createJob, type NewSpec } from '../../src/spool/create.ts'
import { probeDoorbell, ringDoorbell } from '../../src/spool/doorbell.ts'
import { openSpool } from '../../src/spool/guard.ts'
import type { JobPaths } from '../../src/spool/layout.ts'
import { putRequest } from '../../src/spool/requests.ts'
import type { StateRecord } from '../../src/spool/schema.ts'
import { isAlive, listProcesses, type Process } from './processes.ts'
import { killAll } from './signals.ts'
import type { Spool } from './spool.ts'
import type { Sshd } from './sshd.ts'
import { until, untilSeen } from './until.ts'

const chaperone = fileURLToPath(new URL('../../dist/chaperone.js', import.meta.url))

export type Draft = NewSpec

/** A spec as `chap start` would make it, for this machine. */
export const localDraft = (argv: readonly [string, ...string[]], change: Partial<Draft> = {}): Draft => ({
  name: null,
  labels: {},
  host: null,
  route: { kind: 'local' },
  program: { argv },
  cwd: null,
  env: {},
  inherit: true,
  unset: [],
  hasStdin: false,
  stdinOpen: false,
  onDisconnect: 'keep',
  plain: false,
  lease: null,
  keepalive: { interval: 15, count: 3 },
  connectTimeout: 30,
  limits: { giveUpAfter: null, timeout: null, idleTimeout: null, maxOutput: null, onMaxOutput: 'keep', grace: 10 },
  series: null,
  remoteDir: null,
  secret: { kind: 'none' },
  sharesConnection: false,
  onExit: null,
  callback: null,
  group: null,
  rerunOf: null,
  logFile: null,
  asked: null,
  created: { time: new Date().toISOString(), host: 'rig', user: 'rig' },
  ...change,
})

/** The same over ssh, its remote directory below the spool's root, so that each test can see that nothing is left. */
export const sshDraft = (
  sshd: Sshd,
  spool: Spool,
  argv: readonly [string, ...string[]],
  change: Partial<Draft> = {},
): Draft =>
  localDraft(argv, {
    host: sshd.host,
    route: { kind: 'ssh', destination: sshd.host, options: ['-F', sshd.sshConfig], onward: [] },
    remoteDir: remoteDir(spool),
    ...change,
  })

export const remoteDir = (spool: Spool): string => `${spool.root}/remote`

export interface TestJob {
  readonly spec: Spec
  readonly paths: JobPaths
  /** Starts a chaperone (another version's, when its program is given) and waits until it holds the job. */
  takeUp(program?: string): Promise<void>
  /** SIGKILL, and nothing else: what it started is left to itself. */
  killChaperone(): Promise<void>
  /** The chaperone's own children: ssh, or a local sh. The first is the connection. */
  linkProcesses(): Process[]
  knock(): void
  ask(kind: 'stop' | 'signal', signal: Signal, grace?: number): void
  state(): StateRecord
  /** Waits until the phase is as wanted; the error shows the state and the log. */
  untilState(wanted: StateRecord['state'], deadline?: number): Promise<StateRecord>
  /** Waits until the chaperone has left: the job is ended and everything is cleaned up. */
  untilLeft(deadline?: number): Promise<StateRecord>
  log(): string
}

/** @param owner whom the spool is given to, and who runs the chaperone; else whoever tests */
export const makeJob = (
  spool: Spool,
  draft: Draft,
  stdin: Uint8Array | null = null,
  owner?: { readonly uid: number },
): TestJob => {
  openSpool(spool.dir)
  const { spec, paths } = createJob(spool.dir, draft, stdin)
  if (owner !== undefined) {
    execFileSync('chown', ['-R', String(owner.uid), spool.root])
  }
  const log = (): string => readFileSync(paths.log, 'utf8')
  const state = (): StateRecord => JSON.parse(readFileSync(paths.state, 'utf8'))
  const attendant = (): { pid: number; startTime: number } => {
    const identity = readOwner(paths)?.identity
    return { pid: identity?.pid ?? 0, startTime: Number(identity?.startTime ?? 0) }
  }

  return {
    spec,
    paths,
    log,
    state,
    takeUp: async (program = chaperone) => {
      const before = readOwner(paths)?.number ?? 0
      const child = spawn(process.execPath, [program, paths.dir], {
        detached: true,
        stdio: ['ignore', 'ignore', 'inherit'],
        cwd: '/',
        env: spool.env,
        ...(owner === undefined ? {} : { uid: owner.uid, gid: owner.uid }),
      })
      child.unref()
      // Of an ended job, too, there is a moment between the claim and the doorbell, in which it looks as if nobody were there.
      const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
      await until(() => (readOwner(paths)?.number ?? 0) > before && (probeDoorbell(paths.doorbell) || isOver()), {
        // A hundred of them start at once on two cores.
        deadline: 60_000,
        what: 'a chaperone that holds the job',
      })
    },
    killChaperone: async () => {
      const { pid, startTime } = attendant()
      if (isAlive(pid, startTime)) await killAll([{ pid, startTime }])
    },
    // By age: /proc is listed as text, in which 1000 comes before 999.
    linkProcesses: () =>
      listProcesses()
        .filter(({ ppid }) => ppid === attendant().pid)
        .sort((a, b) => a.startTime - b.startTime || a.pid - b.pid),
    knock: () => void ringDoorbell(paths.doorbell),
    ask: (kind, signal, grace = 10) => {
      const by = { user: 'rig', host: 'rig', pid: process.pid }
      const id = `${Date.now()}-${kind}-${readdirSync(paths.requests).length}`
      const time = new Date().toISOString()
      putRequest(paths, kind === 'stop' ? { id, time, by, kind, signal, grace } : { id, time, by, kind, signal })
      // Else the chaperone could not read it.
      if (owner !== undefined) chownSync(`${paths.requests}/${id}.json`, owner.uid, owner.uid)
      ringDoorbell(paths.doorbell)
    },
    untilState: (wanted, deadline = 30_000) =>
      untilSeen(state, (seen) => seen.state === wanted, { deadline, what: `state ${wanted} of ${spec.id}` }).catch(
        (error: Error) => {
          throw new Error(`${error.message}\n${log()}`)
        },
      ),
    untilLeft: async (deadline = 30_000) => {
      await until(() => state().link.state === 'closed' && !probeDoorbell(paths.doorbell), {
        deadline,
        what: `the end of ${spec.id}'s chaperone`,
      }).catch((error: Error) => {
        throw new Error(`${error.message}\n${JSON.stringify(state())}\n${log()}`)
      })
      return state()
    },
  }
}
