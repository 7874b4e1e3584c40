// chap_supervise, chap_begin and chap_watch: one for each job, in a session of its own.
import type { Signal } from '../../../src/domain/signals.ts'
import { checksumOf, contentOf } from '../content.ts'
import type { Host, JobDirectory, RemoteProcess } from './host.ts'
import { type CommandRun, runProgram } from './program.ts'

/** Milliseconds between looks for space on a full disk. */
const WRITE_AGAIN_MS = 1_000
/** Milliseconds from a lease's SIGTERM to its SIGKILL. */
const LEASE_GRACE_MS = 5_000

const runs = new WeakMap<JobDirectory, CommandRun>()

/** @param onBegun is called when the command has begun, or never will */
export const supervise = (
  host: Host,
  directory: JobDirectory,
  nonce: string,
  lease: number,
  onBegun: () => void,
): void => {
  const { random, truth } = host
  const process = host.spawn('supervisor')
  const startTime = host.clock.now()
  process.atDeath.add(onBegun)
  host.after(process, random.between(1, 20), () => {
    if (!directory.exists || directory.supervisor !== undefined) return host.kill(process)
    directory.supervisor = { process, bootId: host.bootId }
    process.atDeath.add(() => host.trace('the supervisor is gone'))
    if (lease > 0) watchLease(host, directory, process, lease)
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

  const record = (status: number): void => {
    if (!directory.exists) return host.kill(process)
    if (host.isFull) return host.after(process, WRITE_AGAIN_MS, () => record(status))
    const { stdout, stderr } = directory.sizes
    const sum = (stream: 'stdout' | 'stderr', size: number): string =>
      `${stream} ${host.hasChecksums ? checksumOf(contentOf(stream, 0, size)) : '-'} ${size}`
    directory.exit = [
      `chap-exit 1 nonce=${nonce} status=${status} why=${directory.why} late=0`,
      `start=${1_700_000_000 + startTime / 1000} end=${1_700_000_000 + host.clock.now() / 1000}`,
      sum('stdout', stdout),
      sum('stderr', stderr),
      `0m0.010s 0m0.010s 0m0.000s 0m0.000s 0m0.010s 0m0.010s 0m0.010s 0m0.000s end ${nonce}`,
    ].join(' ')
    truth.recorded = { stdout, stderr }
    host.trace('the record is written:', status, stdout, stderr)
    host.after(process, random.between(0, 10), () => host.kill(process))
  }
}

const watchLease = (host: Host, directory: JobDirectory, supervisor: RemoteProcess, lease: number): void => {
  const tick = Math.min(lease, 10)
  let last = directory.beats
  let unheard = 0
  const look = (): void => {
    if (!directory.exists) return
    unheard = directory.beats === last ? unheard + tick : 0
    last = directory.beats
    if (unheard >= lease && truthful(host, directory)) return
    host.after(supervisor, tick * 1000, look)
  }
  host.after(supervisor, tick * 1000, look)
}

const truthful = (host: Host, directory: JobDirectory): boolean => {
  if (directory.group.size === 0) return false
  host.trace('the lease ran out')
  host.truth.leaseRanOut = true
  directory.why = 'lease'
  sendSignal(host, directory, 'SIGTERM')
  host.clock.after(LEASE_GRACE_MS, () => sendSignal(host, directory, 'SIGKILL'))
  return true
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
