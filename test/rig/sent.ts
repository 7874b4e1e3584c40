// Tell when the peer's kernel has all that was written to a socket: only then does a reset lose none of it.
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { until } from './until.ts'

export async function waitUntilSent(socket: Socket): Promise<void> {
  await until(() => countUnsent(socket) === 0, { deadline: 60_000, what: 'a socket to be flushed', every: 2 })
}

// The kernel's send queue: bytes not yet sent, and bytes sent but not yet acknowledged.
function countUnsent(socket: Socket): number {
  const { localPort, remotePort } = socket
  if (localPort === undefined || remotePort === undefined) return 0
  const ends = `${formatEnd(localPort)} ${formatEnd(remotePort)}`
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((candidate) => candidate.includes(ends))
  const queue = line?.trim().split(/\s+/)[4]?.split(':')[0]
  return queue === undefined ? 0 : Number.parseInt(queue, 16)
}

// 127.0.0.1 and the port, as /proc/net/tcp writes them.
function formatEnd(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
}
