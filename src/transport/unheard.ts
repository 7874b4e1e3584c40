/** Whether the network still takes what a process sends. Linux says so: it counts how often something is sent again that nobody acknowledged. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const ESTABLISHED = '01'

/**
 * How often in a row the kernel had to send again what waits longest in a TCP connection of a process. The pauses between grow with the
 * way's own time there and back, from 0.2 s on, each twice as long as the last one. undefined: all was taken, or nobody knows.
 * To read it takes milliseconds: the kernel walks all its tables.
 */
export const countResends = (pid: number): number | undefined => {
  const own = socketsOf(pid)
  if (own.size === 0) return undefined
  const inTable = (table: string): Connection[] => parseConnections(textOf(`/proc/${pid}/net/${table}`), own)
  const found = inTable('tcp')
  const connections = found.length > 0 ? found : inTable('tcp6')
  const untaken = connections.filter(({ unacknowledged }) => unacknowledged > 0)
  return untaken.length === 0 ? undefined : Math.max(...untaken.map(({ resends }) => resends))
}

/** '': it has ended, is another account's, this kernel has no such file, or this is no Linux. */
const textOf = (path: string): string => attempt(() => readFileSync(path, 'latin1')) ?? ''

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return undefined
  }
}

const socketsOf = (pid: number): ReadonlySet<string> => {
  const dir = `/proc/${pid}/fd`
  const links = (attempt(() => readdirSync(dir)) ?? []).map((fd) => attempt(() => readlinkSync(`${dir}/${fd}`)) ?? '')
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

interface Connection {
  readonly unacknowledged: number
  readonly resends: number
}

/** @param table /proc/net/tcp: sl local remote state tx:rx timer:when resends uid timeout inode */
export const parseConnections = (table: string, inodes: ReadonlySet<string>): Connection[] =>
  table.split('\n').flatMap((line) => {
    const [, , , state, queues = '', , resends = '', , , inode = ''] = line.trim().split(/\s+/)
    if (state !== ESTABLISHED || !inodes.has(inode)) return []
    return [{ unacknowledged: Number.parseInt(queues, 16), resends: Number.parseInt(resends, 16) }]
  })
