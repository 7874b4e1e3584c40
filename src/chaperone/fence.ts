/** Ends what dead chaperones left running here: their ssh processes may still write to the spool. */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { bootId, type Identity, startTimeOf } from '../spool/identity.ts'

/** A chaperone leads a session of its own, so what it started carries its pid as the session's number. */
interface Member {
  readonly pid: number
  readonly startTime: string
}

/**
 * The number of a session can't be given to a new process while a member lives. So members of a session whose leader is gone are
 * the dead chaperone's; and if the number has a leader again, the old session is empty and these are strangers.
 */
const leftBy = (dead: readonly Identity[]): Member[] => {
  const gone = dead.filter((one) => one.bootId === bootId() && startTimeOf(one.pid) === undefined)
  return gone.length === 0 ? [] : listSessions(new Set(gone.map(({ pid }) => pid)))
}

const listSessions = (sids: ReadonlySet<number>): Member[] => {
  if (process.platform !== 'linux') return listSessionsByPs(sids)
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return sids.has(Number(fields[3])) && fields[0] !== 'Z'
        ? [{ pid: Number(name), startTime: fields[19] ?? '' }]
        : []
    } catch {
      return [] // it ended meanwhile
    }
  })
}

const listSessionsByPs = (sids: ReadonlySet<number>): Member[] =>
  execFileSync('ps', ['-axo', 'pid=,pgid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, pgid]) =>
      pid !== undefined && pgid !== undefined && sids.has(pgid) ? [{ pid, startTime: startTimeOf(pid) ?? '' }] : [],
    )

/**
 * Kills what they left, the connection's master before its clients, and sees them gone. What may not be killed (sudo belongs to root) holds no file of
 * the spool for writing, only pipes to the dead chaperone: it is left to end by itself. @returns how many were ended
 */
export const fenceOff = async (dead: readonly Identity[], pause: (ms: number) => Promise<void>): Promise<number> => {
  const members = leftBy(dead)
    .sort((a, b) => a.pid - b.pid)
    .filter(kill)
  while (members.some(({ pid, startTime }) => startTimeOf(pid) === startTime)) await pause(2)
  return members.length
}

/** @returns whether its end can be waited for */
const kill = ({ pid, startTime }: Member): boolean => {
  if (startTimeOf(pid) !== startTime) return false
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
    return false
  }
}
