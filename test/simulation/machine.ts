// The local machine: its processes, and the one that runs right now. A process can die at any of its system calls.
import type { Clock } from './clock.ts'
import { type Disk, startDisk } from './disk.ts'
import type { Random } from './random.ts'
import type { Trace } from './trace.ts'

/** Thrown by a system call of a process that is dead: nothing it does has an effect any more. */
export class Killed extends Error {
  readonly process: Process
  constructor(process: Process) {
    super()
    this.process = process
  }
}

export interface Process {
  readonly pid: number
  /** The process that leads its session. */
  readonly session: number
  readonly name: string
  readonly startTime: string
  isAlive: boolean
  /** Until then it is stopped (SIGSTOP). */
  stoppedUntil: number
  /** What it would have done meanwhile, in order. */
  readonly held: Set<() => void>
  /** System calls that it may still make before the fault happens. */
  callsLeft: number
  fault: 'kill' | 'power'
  readonly atDeath: Set<() => void>
}

export interface Machine {
  readonly clock: Clock
  readonly random: Random
  readonly trace: Trace
  readonly disk: Disk
  readonly processes: ReadonlyMap<number, Process>
  bootId: string
  /** Files take no more bytes. */
  isFull: boolean
  readonly current: () => Process
  readonly spawn: (name: string, parent?: Process) => Process
  readonly kill: (process: Process) => void
  /** SIGSTOP, and SIGCONT after a while: that counts which was announced last. */
  readonly stop: (process: Process, ms: number) => void
  /**
   * Has a process do something after a while: as soon as it is not stopped, and never when it is dead by then. What waits for one that is
   * stopped keeps its order: two pieces of a pipe's text are never read the wrong way round.
   */
  readonly wake: (process: Process, ms: number, run: () => void) => () => void
  /** A system call of the process that runs. @throws Killed when it does not survive it */
  readonly call: () => void
  readonly losePower: () => void
  /** Is told what goes on in a process that threw something. */
  onFailure: (process: Process, error: unknown) => void
  onPowerLoss: () => void
  /** The process on behalf of which the last event ran: whatever its promises still have to do belongs to it. */
  readonly running: () => Process | undefined
  readonly yieldNow: () => void
}

export const startMachine = (clock: Clock, random: Random, trace: Trace): Machine => {
  const processes = new Map<number, Process>()
  let running: Process | undefined
  let pids = 100
  let boots = 1
  const disk = startDisk()

  const kill = (process: Process): void => {
    if (!process.isAlive) return
    process.isAlive = false
    processes.delete(process.pid)
    if (!process.name.startsWith('chap ')) trace.note(clock.now(), `${process.name} ${process.pid} is dead`)
    for (const run of process.atDeath) run()
    process.atDeath.clear()
  }

  const machine: Machine = {
    clock,
    random,
    trace,
    disk,
    processes,
    bootId: 'boot-1',
    isFull: false,
    current: () => {
      if (running === undefined) throw new Error('no process runs')
      return running
    },
    running: () => running,
    yieldNow: () => {
      running = undefined
    },
    spawn: (name, parent) => {
      pids += 1 + random.int(3)
      const process: Process = {
        pid: pids,
        session: parent?.session ?? pids,
        name,
        startTime: String(Math.floor(clock.now() * 100) + pids),
        isAlive: true,
        stoppedUntil: 0,
        held: new Set(),
        callsLeft: Number.POSITIVE_INFINITY,
        fault: 'kill',
        atDeath: new Set(),
      }
      processes.set(process.pid, process)
      return process
    },
    kill,
    stop: (process, ms) => {
      process.stoppedUntil = clock.now() + ms
      clock.after(ms, () => {
        if (process.stoppedUntil > clock.now()) return
        const held = [...process.held]
        process.held.clear()
        for (const goOn of held) goOn()
      })
    },
    wake: (process, ms, run) => {
      const go = (): void => {
        if (!process.isAlive) return
        if (process.stoppedUntil > clock.now()) {
          const goOn = (): void => {
            cancel = clock.after(0, go)
          }
          process.held.add(goOn)
          cancel = () => process.held.delete(goOn)
          return
        }
        running = process
        try {
          run()
        } catch (error) {
          machine.onFailure(process, error)
        }
      }
      let cancel = clock.after(ms, go)
      return () => cancel()
    },
    call: () => {
      const process = machine.current()
      if (!process.isAlive) throw new Killed(process)
      process.callsLeft -= 1
      if (process.callsLeft >= 0) return
      trace.note(clock.now(), `${process.fault} at a system call of ${process.name} ${process.pid}`)
      if (process.fault === 'power') machine.losePower()
      else kill(process)
      throw new Killed(process)
    },
    losePower: () => {
      trace.note(clock.now(), 'POWER LOSS here')
      boots += 1
      machine.bootId = `boot-${boots}`
      for (const process of [...processes.values()]) kill(process)
      disk.losePower(random)
      machine.onPowerLoss()
    },
    onFailure: (_process, error) => {
      throw error
    },
    onPowerLoss: () => undefined,
  }
  return machine
}
