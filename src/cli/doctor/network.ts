/** The way to a server, below ssh: its name, and whether something that speaks ssh listens there. */
import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { FaultCode } from '../../index.ts'
import { type Finding, fail, ok, skip } from './step.ts'

const fault = (code: FaultCode, evidence: string): Finding =>
  fail(evidence, { code: 'fault', fault: { code, evidence } })

/** @param limit milliseconds */
export const checkName = async (hostname: string, limit: number): Promise<Finding> => {
  if (isIP(hostname) !== 0) return skip(`${hostname} is an address`)
  const found = await Promise.race([
    lookup(hostname, { all: true }).catch((error: Error) => error),
    pause(limit, 'late' as const, { ref: false }),
  ])
  if (found === 'late') return fault('unknown_host', `no answer for ${hostname} within ${limit / 1000} s`)
  if (found instanceof Error)
    return fault('unknown_host', `no address is known for ${hostname} (${(found as NodeJS.ErrnoException).code})`)
  return ok(found.map(({ address }) => address).join(', '))
}

const CODES: Readonly<Record<string, FaultCode>> = {
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  ETIMEDOUT: 'timeout',
}

/** Connects, and waits for the server's first line. @param limit milliseconds for both */
export const checkPort = (host: string, port: number, limit: number): Promise<Finding> =>
  new Promise((resolve) => {
    const socket = connect({ host, port })
    let where: string | undefined
    let said = ''
    const conclude = (finding: Finding): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(finding)
    }
    const timer = setTimeout(() => {
      const evidence = where === undefined ? `${host} port ${port}: no answer` : `${where} says nothing`
      conclude(fault('timeout', `${evidence} within ${limit / 1000} s`))
    }, limit)
    socket.on('connect', () => {
      where = `${socket.remoteAddress ?? host} port ${port}`
    })
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1')
      const line = said
        .split('\n')
        .slice(0, -1)
        .find((text) => text.startsWith('SSH-'))
      if (line !== undefined) conclude(ok(`${where ?? host}, ${line.trim()}`))
      else if (said.length > 8_192) conclude(fault('busy', `${where ?? host} does not speak ssh: ${said.slice(0, 60)}`))
    })
    socket.on('error', (error: NodeJS.ErrnoException) => conclude(faultOf(error)))
    socket.on('end', () => conclude(fault('busy', `${where ?? host} closed the connection before it said what it is`)))
  })

const faultOf = (error: NodeJS.ErrnoException): Finding => {
  // Of several addresses, each has its own.
  const [first = error] = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error]
  return fault(CODES[first.code ?? ''] ?? 'unreachable', first.message.replace(/ - Local .*/, ''))
}
