// The remote machine: its processes, and the job's directory with what launcher.sh keeps in it.
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import type { Trace } from '../trace.ts'
import type { Timer, Truth } from '../truth.ts'
import type { Program } from './program.ts'

export interface RemoteProcess {
  readonly name: string
  readonly bootId: string
  isAlive: boolean
  readonly atDeath: Set<() => void>
}

/** The names that only one process can take (a hard link can't be made twice). */
export interface Note {
  readonly process: RemoteProcess | 'never'
  readonly bootId: string
}

export interface JobDirectory {
  exists: boolean
  /** Told to be kept, whatever becomes of links. */
  isPrepared: boolean
  /** A link that goes and takes it along. */
  leaving: RemoteProcess | undefined
  /** A reboot took the link that would have taken it along. */
  isOrphan: boolean
  supervisor: Note | undefined
  pid: Note | undefined
  /** The exit record, as words. */
  exit: string | undefined
  /** The timer that ended the command. */
  expired: Timer | null
  /** Processes of each link, by its generation. */
  readonly links: Map<number, Set<RemoteProcess>>
  beats: number
  readonly sizes: { stdout: number; stderr: number; runs: number }
  /** Of a series whose schedule is set. */
  series: { readonly first: number; isStopped: boolean; wake: () => void } | undefined
  /** Followers, to be told when a file grew. */
  readonly followers: Set<() => void>
  /** Processes of the command's group. */
  readonly group: Set<RemoteProcess>
}

export interface Host {
  readonly clock: Clock
  readonly random: Random
  readonly truth: Truth
  readonly program: Program
  readonly processes: Set<RemoteProcess>
  readonly trace: (...words: readonly (string | number)[]) => void
  bootId: string
  /** Until then nobody can connect. */
  downUntil: number
  isFull: boolean
  hasChecksums: boolean
  directory: JobDirectory | undefined
  readonly spawn: (name: string) => RemoteProcess
  readonly kill: (process: RemoteProcess) => void
  /** Does something after a while, if the process is alive then. */
  readonly after: (process: RemoteProcess, ms: number, run: () => void) => void
  readonly makeDirectory: () => JobDirectory
  readonly removeDirectory: () => void
  readonly reboot: (downFor: number) => void
}

export const startHost = (clock: Clock, random: Random, trace: Trace, truth: Truth, program: Program): Host => {
  const processes = new Set<RemoteProcess>()
  let boots = 1
  const note = (...words: readonly (string | number)[]): void => trace.note(clock.now(), ' remote:', ...words)
  const kill = (process: RemoteProcess): void => {
    if (!process.isAlive) return
    process.isAlive = false
    processes.delete(process)
    note(process.name, 'is gone')
    for (const run of process.atDeath) run()
    process.atDeath.clear()
  }
  const host: Host = {
    clock,
    random,
    truth,
    program,
    processes,
    trace: note,
    bootId: 'r1',
    downUntil: 0,
    isFull: false,
    hasChecksums: random.chance(0.7),
    directory: undefined,
    spawn: (name) => {
      const process: RemoteProcess = { name, bootId: host.bootId, isAlive: true, atDeath: new Set() }
      processes.add(process)
      note(name, 'starts')
      return process
    },
    kill,
    after: (process, ms, run) => {
      clock.after(ms, () => {
        if (process.isAlive) run()
      })
    },
    makeDirectory: () => {
      host.directory = {
        exists: true,
        isPrepared: false,
        leaving: undefined,
        isOrphan: false,
        supervisor: undefined,
        pid: undefined,
        exit: undefined,
        expired: null,
        links: new Map(),
        beats: 0,
        sizes: { stdout: 0, stderr: 0, runs: 0 },
        series: undefined,
        followers: new Set(),
        group: new Set(),
      }
      return host.directory
    },
    removeDirectory: () => {
      if (host.directory !== undefined) host.directory.exists = false
      host.directory = undefined
    },
    reboot: (downFor) => {
      note('REBOOT')
      truth.reboots += 1
      boots += 1
      host.bootId = `r${boots}`
      host.downUntil = clock.now() + downFor
      for (const process of [...processes]) kill(process)
      const { directory } = host
      if (directory !== undefined) directory.isOrphan = !directory.isPrepared
    },
  }
  return host
}
