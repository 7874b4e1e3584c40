/** Whether the network still takes what a process sends. Linux says so: it counts how often something is sent again that nobody acknowledged. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const ESTABLISHED = '01'

/**
 * How often in a row the kernel had to send again what waits longest in a TCP connection of a process, or of one that it started (a ProxyCommand).
 * The pauses between grow with the way's own time there and back, from 0.2 s on, each twice as long as the last one. 0 as well where nobody knows.
 */
export const countResends = (pid: number): number => {
  try {
    const own = socketsOf(pid)
    const resends = ['tcp', 'tcp6'].flatMap((table) =>
      parseResends(readFileSync(`/proc/${pid}/net/${table}`, 'utf8'), own),
    )
    return Math.max(0, ...resends, ...childrenOf(pid).map(countResends))
  } catch (error) {
    // It has ended, is another account's, or this is no Linux.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return 0
  }
}

const socketsOf = (pid: number): ReadonlySet<string> => {
  const dir = `/proc/${pid}/fd`
  const links = readdirSync(dir).map((fd) => readlinkSync(`${dir}/${fd}`))
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** @param table /proc/net/tcp: sl local remote state tx:rx timer:when resends uid timeout inode */
export const parseResends = (table: string, inodes: ReadonlySet<string>): number[] =>
  table.split('\n').flatMap((line) => {
    const [, , , state, , , resends = '', , , inode = ''] = line.trim().split(/\s+/)
    return state === ESTABLISHED && inodes.has(inode) ? [Number.parseInt(resends, 16)] : []
  })
