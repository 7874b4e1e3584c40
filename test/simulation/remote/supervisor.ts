// chap_supervise, chap_begin and chap_watch: one for each job, in a session of its own.

import { cksum } from '../../../src/domain/cksum.ts'
import type { Signal } from '../../../src/domain/signals.ts'
import { contentOf } from '../content.ts'
import type { Timer } from '../truth.ts'
import type { Host, JobDirectory, RemoteProcess } from './host.ts'
import { type CommandRun, runProgram } from './program.ts'

/** Milliseconds between looks for space on a full disk. */
const WRITE_AGAIN_MS = 1_000

/** Seconds, as in the hello; 0: none. */
export interface Timers {
  readonly lease: number
  readonly timeout: number
  readonly idleTimeout: number
  readonly maxOutput: number
  readonly grace: number
}

const runs = new WeakMap<JobDirectory, CommandRun>()

/** Who gets the signals from now on. */
export const setRun = (directory: JobDirectory, run: CommandRun): void => {
  runs.set(directory, run)
}

/** @param onBegun is called when the command has begun, or never will */
export const supervise = (
  host: Host,
  directory: JobDirectory,
  nonce: string,
  timers: Timers,
  onBegun: () => void,
): void => {
  const { random } = host
  const process = host.spawn('supervisor')
  const startTime = host.clock.now()
  process.atDeath.add(onBegun)
  host.after(process, random.between(1, 20), () => {
    if (!directory.exists || directory.supervisor !== undefined) return host.kill(process)
    directory.supervisor = { process, bootId: host.bootId }
    process.atDeath.add(() => host.trace('the supervisor is gone'))
    if (timers.lease + timers.timeout + timers.idleTimeout + timers.maxOutput > 0)
      watchTimers(host, directory, process, timers)
    host.after(process, random.between(1, 20), begin)
  })

  const begin = (): void => {
    const command = host.spawn('command')
    host.after(command, random.between(0, 10), () => {
      if (!directory.exists || directory.pid !== undefined) {
        host.kill(command)
        host.after(process, 1, () => record(126))
        return
      }
      directory.pid = { process: command, bootId: host.bootId }
      const run = runProgram(host, directory, command)
      runs.set(directory, run)
      run.onEnd((status) => host.after(process, random.between(0, 30), () => record(status)))
      onBegun()
    })
  }

  const record = (status: number): void =>
    writeRecord(host, directory, process, { nonce, status, why: () => directory.expired ?? 'exit', startTime })
}

export interface End {
  readonly nonce: string
  readonly status: number
  readonly why: () => string
  readonly startTime: number
}

/** chap_record */
export const writeRecord = (host: Host, directory: JobDirectory, process: RemoteProcess, end: End): void => {
  const { random, truth } = host
  const { nonce, status, startTime } = end
  const record = (): void => {
    if (!directory.exists) return host.kill(process)
    if (host.isFull) return host.after(process, WRITE_AGAIN_MS, record)
    const { stdout, stderr, runs: notes } = directory.sizes
    const sum = (stream: 'stdout' | 'stderr', size: number): string =>
      `${stream} ${host.hasChecksums ? cksum(contentOf(stream, 0, size)) : '-'} ${size}`
    directory.exit = [
      `chap-exit 1 nonce=${nonce} status=${status} why=${end.why()} late=0`,
      `start=${1_700_000_000 + startTime / 1000} end=${1_700_000_000 + host.clock.now() / 1000}`,
      sum('stdout', stdout),
      sum('stderr', stderr),
      ...(truth.series === null ? [] : [`runs - ${notes}`]),
      `0m0.010s 0m0.010s 0m0.000s 0m0.000s 0m0.010s 0m0.010s 0m0.010s 0m0.000s end ${nonce}`,
    ].join(' ')
    truth.recorded = { stdout, stderr }
    if (truth.series !== null) truth.series.end = { status, why: end.why() }
    host.trace('the record is written:', status, stdout, stderr)
    host.after(process, random.between(0, 10), () => host.kill(process))
  }
  record()
}

/** chap_watch: one look at a time, counted in ticks. */
export const watchTimers = (host: Host, directory: JobDirectory, supervisor: RemoteProcess, timers: Timers): void => {
  const { lease, timeout, idleTimeout, maxOutput } = timers
  let [ran, unheard, still] = [0, 0, 0]
  let beats = directory.beats
  let bytes = 0
  let mine: JobDirectory['pid']
  const look = (): void => {
    if (!directory.exists || directory.expired !== null) return
    // It begins to count when the command has begun.
    if (directory.pid === undefined && mine === undefined) return host.after(supervisor, 50, look)
    mine ??= directory.pid
    if (directory.pid !== mine) return // another run's time
    const rests = [maxOutput > 0 ? 1 : 10, Math.ceil(lease / 4), Math.ceil(idleTimeout / 4), timeout - ran].filter(
      (rest) => rest > 0,
    )
    const tick = Math.min(...rests)
    host.after(supervisor, tick * 1000 + host.random.between(0, 50), () => {
      ran += tick
      unheard = directory.beats === beats ? unheard + tick : 0
      beats = directory.beats
      const size = directory.sizes.stdout + directory.sizes.stderr
      still = size === bytes ? still + tick : 0
      bytes = size
      if (directory.pid !== mine) return
      if (timeout > 0 && ran >= timeout) expire(host, directory, 'timeout', timers.grace)
      else if (idleTimeout > 0 && still >= idleTimeout) expire(host, directory, 'idle', timers.grace)
      else if (maxOutput > 0 && size > maxOutput) expire(host, directory, 'max_output', timers.grace)
      else if (lease > 0 && unheard >= lease) expire(host, directory, 'lease', timers.grace)
      else look()
    })
  }
  look()
}

/** chap_expire: nothing, if the command has ended by itself. */
const expire = (host: Host, directory: JobDirectory, timer: Timer, grace: number): void => {
  const command = directory.pid?.process
  if (command === undefined || command === 'never' || !command.isAlive || !directory.exists) return
  host.trace('a timer runs out:', timer)
  host.truth.expired = timer
  host.truth.expiredAt = host.clock.now()
  host.truth.expiredWith = directory.sizes.stdout + directory.sizes.stderr
  directory.expired = timer
  sendSignal(host, directory, grace > 0 ? 'SIGTERM' : 'SIGKILL')
  host.clock.after(grace * 1000, () => sendSignal(host, directory, 'SIGKILL'))
}

/** chap_signal: to the command's group, if anybody is left of it. @returns whether there was somebody to get it */
export const sendSignal = (host: Host, directory: JobDirectory, signal: Signal): boolean => {
  const members = [...directory.group].filter(({ isAlive, bootId }) => isAlive && bootId === host.bootId)
  if (members.length === 0 || !directory.exists) return false
  const { delivered } = host.truth
  delivered.set(signal, (delivered.get(signal) ?? 0) + 1)
  host.trace('signal', signal)
  for (const member of members) {
    if (directory.pid?.process === member) runs.get(directory)?.take(signal)
    else if (signal !== 'SIGCONT') host.kill(member)
  }
  return true
}
