// What src/ takes from the air: esbuild puts these in place of the globals of the same names.
import { here } from '../stage.ts'
import { execFileSync } from './child-process.ts'

interface Timer {
  readonly refresh: () => void
  readonly unref: () => void
  cancel: () => void
}

const startTimer = (run: () => void, ms: number, isRepeated: boolean): Timer => {
  const machine = here()
  const process = machine.current()
  const arm = (): (() => void) =>
    machine.wake(process, Math.max(1, ms), () => {
      if (isRepeated) timer.cancel = arm()
      run()
    })
  const timer: Timer = {
    refresh: () => {
      timer.cancel()
      timer.cancel = arm()
    },
    unref: () => undefined,
    cancel: () => undefined,
  }
  timer.cancel = arm()
  return timer
}

export const setTimeout = (run: () => void, ms: number): Timer => startTimer(run, ms, false)
export const setInterval = (run: () => void, ms: number): Timer => startTimer(run, ms, true)
export const clearTimeout = (timer: Timer | undefined): void => timer?.cancel()
export const clearInterval = (timer: Timer | undefined): void => timer?.cancel()

const { Date: RealDate } = globalThis

class VirtualDate extends RealDate {
  constructor(value?: number | string) {
    super(value ?? here().clock.wall())
  }

  static override now(): number {
    return here().clock.wall()
  }
}

export { VirtualDate as Date }

export const performance = { now: (): number => here().clock.now() }

const random = (): number => here().random.next()

export { random as 'Math.random' }

export const process = {
  get pid(): number {
    return here().current().pid
  },
  platform: 'linux',
  execPath: 'node',
  env: {},
  getBuiltinModule: (): object => ({ execFileSync }),
  umask: (): void => undefined,
  on: (): void => undefined,
  kill: (pid: number): void => {
    const machine = here()
    machine.call()
    const target = machine.processes.get(pid)
    if (target === undefined) throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' })
    // It may still be in the middle of a write.
    machine.clock.after(machine.random.between(0, 4), () => machine.kill(target))
  },
}
