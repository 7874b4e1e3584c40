// chap_series: a run at each fire, each noted; and one that goes on where a dead supervisor left off.
import type { Series } from '../../../src/domain/spec.ts'
import { parseRuns } from '../../../src/spool/runs.ts'
import type { Host, JobDirectory } from './host.ts'
import { drawProgram, runProgram } from './program.ts'
import { setRun, type Timers, watchTimers, writeRecord } from './supervisor.ts'

/** Milliseconds between looks for space on a full disk. */
const WRITE_AGAIN_MS = 1_000

/** Why the supervisor before this one went, and the highest number that is known at home. */
export interface Lapse {
  readonly why: string
  readonly reached: number
}

export interface SeriesOptions {
  readonly nonce: string
  readonly timers: Timers
  readonly series: Series
  readonly lapse: Lapse | undefined
  readonly onBegun: () => void
}

export const superviseSeries = (host: Host, directory: JobDirectory, options: SeriesOptions): void => {
  const { random, truth, clock } = host
  const { nonce, timers, series, lapse, onBegun } = options
  const own = truth.series
  if (own === null) throw new Error('the job is no series')
  const process = host.spawn('supervisor')
  const startTime = clock.now()
  let last = lapse?.reached ?? 0
  let bad = 0
  let isBack = lapse !== undefined
  process.atDeath.add(onBegun)

  const note = (line: string, then: () => void): void => {
    if (!directory.exists) return host.kill(process)
    if (host.isFull) return host.after(process, WRITE_AGAIN_MS, () => note(line, then))
    host.trace('note:', line)
    own.notes += `${line}\n`
    directory.sizes.runs = own.notes.length
    for (const tell of directory.followers) tell()
    host.after(process, random.between(0, 10), then)
  }

  host.after(process, random.between(1, 20), () => {
    if (!directory.exists || directory.supervisor !== undefined) return host.kill(process)
    directory.supervisor = { process, bootId: host.bootId }
    host.after(process, random.between(1, 20), open)
  })

  const open = (): void => {
    if (!directory.exists) return host.kill(process)
    directory.series ??= { first: clock.now() + series.initialDelay, isStopped: false, wake: () => undefined }
    onBegun()
    if (lapse === undefined) return next()
    directory.pid = undefined
    directory.expired = null
    const going = readNotes()
    if (going === undefined) return next()
    bad = 125
    note(`lost ${going} ${lapse.why}`, next)
  }

  /** @returns the run without an end */
  const readNotes = (): number | undefined => {
    let going: number | undefined
    for (const one of parseRuns(own.notes)) {
      last = Math.max(last, one.kind === 'missed' ? one.to : one.run)
      going = one.kind === 'begun' ? one.run : one.kind === 'missed' ? going : undefined
      if (one.kind === 'ended' && one.status !== 0 && one.why !== 'kill') bad = one.status
      if (one.kind === 'lost') bad = 125
    }
    return going
  }

  /** chap_next and chap_plan */
  const next = (): void => {
    const first = directory.series?.first ?? 0
    const { every, overrun } = series
    const count = series.count ?? Number.POSITIVE_INFINITY
    const overdue = Math.min(Math.max(Math.ceil((clock.now() - first) / every), last), Math.max(count, last))
    const isNow = overrun === 'now' && overdue > last && !isBack
    isBack = false
    const missed = isNow ? overdue - 1 : overdue
    const rest = (): void => {
      const number = missed + 1
      if (number > count) return finish('exit')
      last = missed
      let isOver = false
      const wake = (): void => {
        if (isOver || !process.isAlive) return
        isOver = true
        fire(number)
      }
      if (directory.series !== undefined) directory.series.wake = () => host.after(process, 1, wake)
      host.after(process, Math.max(0, first + (number - 1) * every - clock.now()), wake)
    }
    if (missed > last) note(`missed ${last + 1} ${missed} overrun`, rest)
    else rest()
  }

  const fire = (number: number): void => {
    if (directory.series?.isStopped === true) return finish('kill')
    const { stdout, stderr } = directory.sizes
    const due = 1_700_000_000 + ((directory.series?.first ?? 0) + (number - 1) * series.every) / 1000
    note(`begun ${number} ${due} ${1_700_000_000 + clock.now() / 1000} ${stdout} ${stderr}`, () => begin(number))
  }

  const begin = (number: number): void => {
    const command = host.spawn('command')
    truth.expired = null
    if (timers.timeout + timers.idleTimeout > 0) watchTimers(host, directory, process, timers)
    host.after(command, random.between(0, 10), () => {
      if (!directory.exists || directory.pid !== undefined || directory.supervisor?.process !== process) {
        host.kill(command)
        return host.after(process, 1, () => end(number, 126))
      }
      directory.pid = { process: command, bootId: host.bootId }
      if (directory.series?.isStopped === true) {
        host.kill(command)
        return host.after(process, 1, () => end(number, 143))
      }
      own.begun.set(number, (own.begun.get(number) ?? 0) + 1)
      // Each run is a program of its own.
      const drawn: Host = Object.create(host, { program: { value: drawProgram(random) } })
      const run = runProgram(drawn, directory, command)
      setRun(directory, run)
      run.onEnd((status) => host.after(process, random.between(0, 30), () => end(number, status)))
    })
  }

  const end = (number: number, status: number): void => {
    const { stdout, stderr } = directory.sizes
    const why = directory.expired ?? (directory.series?.isStopped === true ? 'kill' : 'exit')
    note(`ended ${number} ${1_700_000_000 + clock.now() / 1000} ${status} ${why} 0 ${stdout} ${stderr}`, () => {
      if (status !== 0 && why !== 'kill') bad = status
      directory.expired = null
      if (why === 'kill') return finish('kill')
      directory.pid = undefined
      last = number
      next()
    })
  }

  const finish = (why: string): void =>
    writeRecord(host, directory, process, { nonce, status: bad, why: () => why, startTime })
}
