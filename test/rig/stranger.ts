// A process that has nothing to do with chap, and that nothing of chap may ever signal. It leads a session of its own, with a child.
import { spawn } from 'node:child_process'
import { descendantsOf, isAlive, type Process, readProcess } from './processes.ts'
import { killAll } from './signals.ts'
import { until } from './until.ts'

export interface Stranger {
  readonly pid: number
  readonly startTime: number
  /** Is all of it as it was? */
  isUnharmed(): boolean
  end(): Promise<void>
}

export const startStranger = async (): Promise<Stranger> => {
  const child = spawn('sh', ['-c', 'sleep 1000 & wait; sleep 1000'], { detached: true, stdio: 'ignore', env: {} })
  const pid = child.pid ?? 0
  const all = await until(
    () => {
      const [first, second] = [readProcess(pid), ...descendantsOf(pid)]
      return first !== undefined && second?.argv[0] === 'sleep' && ([first, second] as readonly Process[])
    },
    { deadline: 5_000, what: 'the stranger and its child' },
  )
  return {
    pid,
    startTime: all[0]?.startTime ?? 0,
    isUnharmed: () => all.every((one) => isAlive(one.pid, one.startTime) && readProcess(one.pid)?.state !== 'T'),
    end: () => killAll(all),
  }
}
