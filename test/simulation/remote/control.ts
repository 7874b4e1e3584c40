// chap_control: one for each link. Answers requests from its stdin, one after the other, with lines on its stdout.
import type { Signal } from '../../../src/domain/signals.ts'
import type { Series } from '../../../src/domain/spec.ts'
import type { Host, JobDirectory, RemoteProcess } from './host.ts'
import { report } from './report.ts'
import { superviseSeries } from './series.ts'
import { sendSignal, supervise, type Timers } from './supervisor.ts'

export interface ControlSession {
  readonly process: RemoteProcess
  /** Text that arrived on its stdin. */
  readonly take: (text: string) => void
  /** Its stdin has ended. */
  readonly end: () => void
}

/** Milliseconds between looks of one that waits for something to settle. */
const NAP_MS = 50
/** Signals that end what they find, or keep it from beginning. */
const ENDING: ReadonlySet<Signal> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])
/** The place of the job's directory there. */
const PLACE = '/r/job'

/** @param say puts a line on its stdout */
export const startControlSession = (host: Host, say: (line: string) => void): ControlSession => {
  const { random } = host
  const process = host.spawn('control')
  let text = ''
  let hasEnded = false
  let isBusy = false
  let nonce = ''
  let generation = 0
  let timers: Timers = { lease: 0, timeout: 0, idleTimeout: 0, maxOutput: 0, grace: 0 }
  let series: Series | undefined
  let isWaiting = false
  let isKnown = false
  let directory: JobDirectory | undefined

  const tell = (words: string): void => say(`CHAP1 ${nonce} ${words}`)

  const later = (run: () => void): void => host.after(process, random.between(0, 15), run)

  /** The next request, if there is one. */
  const next = (): void => {
    isBusy = false
    const end = text.indexOf('\n')
    if (end < 0) {
      if (hasEnded) later(leave)
      return
    }
    const words = text.slice(0, end).split(' ')
    const bytes = words[1] === 'launch' ? Number(words[2]) : 0
    if (text.length < end + 1 + bytes) {
      if (hasEnded) later(leave)
      return
    }
    text = text.slice(end + 1 + bytes)
    isBusy = true
    later(() => {
      if (directory === undefined) open(words)
      else answer(directory, words[0] ?? '', words[1] ?? '', words.slice(2))
    })
  }

  const open = (words: readonly string[]): void => {
    if (words[0] !== 'hello') return next()
    nonce = words[1] ?? ''
    generation = Number(words[2])
    const [timeout = 0, idleTimeout = 0] = words.slice(11, 13).map(Number)
    const [grace = 0, maxOutput = 0] = words[13]?.split(':').map(Number) ?? []
    timers = { lease: Number(words[4]), timeout, idleTimeout, maxOutput, grace }
    isKnown = words[10] === '1'
    series = readSeries(words.slice(15))
    host.trace('hello of link', generation)
    enter()
  }

  /** chap_open */
  const enter = (): void => {
    if (isKnown && host.directory === undefined) {
      // It was there before: never made again.
      directory = { ...host.makeDirectory(), exists: false }
      host.removeDirectory()
      tell(`0 hello 0 ${PLACE} gone`)
      return next()
    }
    const fresh = host.directory === undefined
    const opened = host.directory ?? host.makeDirectory()
    const newest = Math.max(0, ...opened.links.keys())
    if (newest >= generation) {
      tell(`0 superseded ${newest}`)
      return host.kill(process)
    }
    opened.links.set(generation, new Set())
    opened.isOrphan = false
    endLinks(host, opened, generation)
    moveIn(opened, fresh)
  }

  const moveIn = (opened: JobDirectory, fresh: boolean): void => {
    // An older link that took itself away takes the directory along.
    if (!opened.exists) return enter()
    if (opened.leaving?.isAlive === true) return host.after(process, NAP_MS, () => moveIn(opened, fresh))
    opened.links.get(generation)?.add(process)
    directory = opened
    opened.beats += 1
    settle(opened, (said) => {
      if (said !== 'absent') wait(opened)
      tell(`0 hello ${fresh ? 1 : 0} ${PLACE} ${said}`)
      next()
    })
  }

  const settle = (of: JobDirectory, then: (said: string) => void): void => {
    const said = report(host, of)
    if (said === 'starting') host.after(process, NAP_MS, () => settle(of, then))
    else then(said)
  }

  /** chap_wait: says when the job has ended. */
  const wait = (of: JobDirectory): void => {
    if (isWaiting) return
    isWaiting = true
    const waiter = host.spawn('waiter')
    of.links.get(generation)?.add(waiter)
    const supervisor = of.supervisor?.process
    const look = (): void => {
      const said = report(host, of)
      if (said.startsWith('running') || said === 'starting') return host.after(waiter, 1_000, look)
      tell(`0 ${said}`)
      host.kill(waiter)
    }
    const wake = (): void => host.after(waiter, random.between(0, 5), look)
    if (supervisor === undefined || supervisor === 'never' || !supervisor.isAlive) wake()
    else supervisor.atDeath.add(wake)
  }

  const answer = (
    of: JobDirectory,
    number: string,
    verb: string,
    [argument = '', ...more]: readonly string[],
  ): void => {
    const settled = (prefix = ''): void =>
      settle(of, (said) => {
        tell(`${number} ${prefix}${said}`)
        next()
      })
    switch (verb) {
      case 'prepare':
        of.isPrepared = true
        return settled()
      case 'launch':
        return launch(of, () =>
          settle(of, (said) => {
            wait(of)
            tell(`${number} ${said}`)
            next()
          }),
        )
      case 'signal': {
        const signal = `SIG${argument}` as Signal
        // Whoever has the name first decides whether anything begins.
        if (of.supervisor === undefined && of.series === undefined && ENDING.has(signal))
          of.supervisor = { process: 'never', bootId: host.bootId }
        const isHeard = more[0] === 'stop' && stop(of, signal)
        const sent = sendSignal(host, of, signal) || isHeard
        return settled(`sent=${sent ? 1 : 0} `)
      }
      case 'continue':
        return goOn(of, Number(argument), (said) => {
          tell(`${number} ${said}`)
          next()
        })
      case 'beat':
        of.beats += 1
        tell(`${number} beat`)
        return next()
      case 'discard':
        endLinks(host, of, Number.POSITIVE_INFINITY, process)
        host.after(process, random.between(0, 50), () => {
          if (host.directory === of) host.removeDirectory()
          host.trace('the directory is removed')
          tell(`${number} discarded 0`)
          host.kill(process)
        })
        return
      default:
        return settled()
    }
  }

  const launch = (of: JobDirectory, then: () => void): void => {
    if (!of.exists || host.isFull) return then()
    if (of.supervisor !== undefined || of.series !== undefined) return then()
    let isSaid = false
    const onBegun = (): void => {
      if (isSaid) return
      isSaid = true
      host.after(process, random.between(0, 5), then)
    }
    if (series === undefined) supervise(host, of, nonce, timers, onBegun)
    else superviseSeries(host, of, { nonce, timers, series, lapse: undefined, onBegun })
  }

  /** chap_stop. @returns whether there is a supervisor to hear it */
  const stop = (of: JobDirectory, signal: Signal): boolean => {
    const supervisor = of.supervisor?.process
    if (of.series === undefined) return false
    of.series.isStopped = true
    of.series.wake()
    if (supervisor === undefined || supervisor === 'never' || !supervisor.isAlive) return false
    host.truth.delivered.set(signal, (host.truth.delivered.get(signal) ?? 0) + 1)
    return true
  }

  /** chap_continue */
  const goOn = (of: JobDirectory, reached: number, then: (said: string) => void): void =>
    settle(of, (said) => {
      if (series === undefined || !said.startsWith('lost') || !of.exists) return then(said)
      const isLeft = [...host.processes].some((one) => one.name === 'command' && !of.group.has(one))
      if (isLeft) return host.after(process, NAP_MS, () => goOn(of, reached, then))
      if (host.isFull) return then(`${said} stuck=1`)
      of.supervisor = undefined
      const lapse = { why: /why=(\S+)/.exec(said)?.[1] ?? '', reached }
      let isSaid = false
      const onBegun = (): void => {
        if (isSaid) return
        isSaid = true
        host.after(process, random.between(0, 5), () =>
          settle(of, (again) => {
            isWaiting = false
            wait(of)
            then(again.startsWith('lost') ? `${again} stuck=1` : again)
          }),
        )
      }
      superviseSeries(host, of, { nonce, timers, series, lapse, onBegun })
    })

  const leave = (): void => {
    // The connection is gone, or the chaperone.
    const left = directory
    if (left === undefined) return host.kill(process)
    if (isKnown || left.isPrepared || left.supervisor !== undefined) {
      endLinks(host, left, generation + 1, process)
      return host.kill(process)
    }
    forsake(left)
  }

  /** chap_forsake: nothing was launched there, and no chaperone relies on it. */
  const forsake = (left: JobDirectory): void => {
    left.links.delete(generation)
    if (left.links.size > 0) return host.kill(process)
    left.leaving = process
    later(() => {
      if (host.directory === left) host.removeDirectory()
      host.trace('the directory is forsaken')
      host.kill(process)
    })
  }

  return {
    process,
    take: (more) => {
      text += more
      if (!isBusy && process.isAlive) next()
    },
    end: () => {
      hasEnded = true
      if (!isBusy && process.isAlive) later(leave)
    },
  }
}

const readSeries = ([every, count, delay, jitter, overrun]: readonly string[]): Series | undefined => {
  if (every === undefined) return undefined
  const ms = (text = '0'): number => Math.round(Number(text) * 1000)
  return {
    every: ms(every),
    count: count === '0' ? null : Number(count),
    initialDelay: ms(delay),
    jitter: ms(jitter),
    overrun: overrun === 'now' ? 'now' : 'skip',
  }
}

/** chap_end_links: ends what older links left here, all but the one who does it. */
const endLinks = (host: Host, directory: JobDirectory, below: number, self?: RemoteProcess): void => {
  for (const [generation, processes] of [...directory.links]) {
    if (generation >= below) continue
    directory.links.delete(generation)
    for (const process of processes) if (process !== self) host.kill(process)
  }
}
