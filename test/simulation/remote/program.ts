// The command: what it writes, when it ends, and what it does about signals.
import type { Signal } from '../../../src/domain/signals.ts'
import { signalNumber } from '../../../src/domain/signals.ts'
import type { Random } from '../random.ts'
import type { Host, JobDirectory, RemoteProcess } from './host.ts'

export interface Program {
  /** Milliseconds after which it ends by itself; infinite: only a signal ends it. */
  readonly lifetime: number
  readonly status: number
  /** Milliseconds between two writes, on average. */
  readonly pause: number
  /** Bytes of one write, at the most. */
  readonly piece: number
  readonly onTerm: 'end' | 'ignore' | 'clean up'
  /** Milliseconds for which a child of it outlives it, in its group. */
  readonly leftover: number
}

/** Bytes after which a program has nothing more to say. */
const ENOUGH = 100_000

export const drawProgram = (random: Random): Program => ({
  lifetime: random.chance(0.2) ? Number.POSITIVE_INFINITY : random.between(0, random.pick([0, 500, 3_000, 20_000])),
  status: random.chance(0.5) ? 0 : random.int(125),
  pause: random.pick([20, 300, 3_000]),
  piece: random.pick([1, 100, 3_000]),
  onTerm: random.pick(['end', 'end', 'ignore', 'clean up']),
  leftover: random.chance(0.1) ? random.between(0, 4_000) : 0,
})

/** Signals that end nothing, unless a program says otherwise. */
const HARMLESS: readonly Signal[] = ['SIGCONT', 'SIGWINCH', 'SIGCHLD', 'SIGURG']

/** Runs the command in the name of `process`; tells its shell's `$?` when it has ended. */
export const runProgram = (host: Host, directory: JobDirectory, process: RemoteProcess): CommandRun => {
  const { program, random, truth } = host
  let onEnd = (_status: number): void => undefined
  let status: number | undefined
  truth.begun += 1
  truth.begunAt = host.clock.now()
  truth.wroteAt = host.clock.now()
  truth.isRunning = true
  host.trace('the command begins')
  directory.group.add(process)

  const end = (code: number): void => {
    if (status !== undefined || !process.isAlive) return
    status = code
    host.trace('the command ends:', code)
    truth.status = code
    host.kill(process)
    onEnd(code)
  }
  process.atDeath.add(() => {
    truth.isRunning = false
    directory.group.delete(process)
  })

  const write = (): void => {
    const stream = random.chance(0.7) ? 'stdout' : 'stderr'
    if (!host.isFull && directory.sizes[stream] < ENOUGH) {
      const bytes = 1 + random.int(program.piece)
      directory.sizes[stream] += bytes
      truth.written[stream] = directory.sizes[stream]
      if (truth.expired === null) truth.wroteAt = host.clock.now()
      for (const tell of directory.followers) tell()
    }
    if (directory.sizes[stream] < ENOUGH) host.after(process, random.between(0, 2 * program.pause), write)
  }
  host.after(process, random.between(0, 2 * program.pause), write)
  if (Number.isFinite(program.lifetime)) {
    host.after(process, program.lifetime, () => {
      // The last words come right before the end.
      if (random.chance(0.5)) write()
      if (program.leftover > 0) leave(host, directory, program.leftover)
      end(program.status)
    })
  }
  return {
    onEnd: (listener) => {
      onEnd = listener
    },
    take: (signal) => {
      if (HARMLESS.includes(signal)) return
      if (signal === 'SIGTERM' && program.onTerm === 'ignore') return
      if (signal === 'SIGTERM' && program.onTerm === 'clean up') {
        host.after(process, random.between(0, 3_000), () => {
          write()
          end(program.status)
        })
        return
      }
      end(128 + signalNumber(signal))
    },
  }
}

export interface CommandRun {
  onEnd(listener: (status: number) => void): void
  take(signal: Signal): void
}

const leave = (host: Host, directory: JobDirectory, ms: number): void => {
  const child = host.spawn('leftover')
  directory.group.add(child)
  child.atDeath.add(() => {
    directory.group.delete(child)
  })
  host.after(child, ms, () => host.kill(child))
}
