/** Who a process is: a pid alone is reused; (machine, boot, pid, start time) is not. */

import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Loaded where there is no /proc only: it would cost every reader some milliseconds. */
const run = (program: string, args: readonly string[]): string =>
  process.getBuiltinModule('node:child_process').execFileSync(program, args, { encoding: 'utf8' })

export interface Identity {
  readonly host: string
  readonly bootId: string
  readonly pid: number
  /** Opaque: clock ticks after boot on Linux, ps's words elsewhere. */
  readonly startTime: string
}

/** undefined: no such process (a zombie counts as none). */
export const startTimeOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch (error) {
    if (process.platform === 'linux') return undefined
    return startTimeByPs(pid, error)
  }
}

const startTimeByPs = (pid: number, _noProc: unknown): string | undefined => {
  try {
    const said = run('ps', ['-o', 'lstart=', '-p', String(pid)]).trim()
    return said === '' ? undefined : said
  } catch {
    return undefined // ps exits 1 when there is no such process
  }
}

export const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    const said = run('sysctl', ['-n', 'kern.boottime'])
    return /sec = (\d+)/.exec(said)?.[1] ?? said.trim()
  }
}

export const ownIdentity = (): Identity => ({
  host: hostname(),
  bootId: bootId(),
  pid: process.pid,
  startTime: startTimeOf(process.pid) ?? '',
})

/** elsewhere: it ran on another machine, of which nothing can be said from here. */
export type Presence = 'alive' | 'dead' | 'elsewhere'

export const presenceOf = (identity: Identity): Presence => {
  if (identity.host !== hostname()) return 'elsewhere'
  if (identity.bootId !== bootId()) return 'dead'
  return startTimeOf(identity.pid) === identity.startTime ? 'alive' : 'dead'
}
