// One connection: an ssh process here that is control session and master, an sshd there, and the wire between.
import type { Fault } from '../../src/domain/fault.ts'
import type { Process } from './machine.ts'
import type { Wire } from './network.ts'
import { type ControlSession, startControlSession } from './remote/control.ts'
import { stage } from './stage.ts'
import type { Breakable } from './world.ts'

export interface Connection extends Breakable {
  readonly master: Process
  readonly wire: Wire
  /** Why it could not be made, or broke. */
  fault: Fault
  /** Text for the control session's stdin. */
  readonly write: (text: string) => void
  /** Is called with each piece of its stdout. */
  onText: (text: string) => void
  /** What must end when the connection does, at the other end. */
  readonly atRemoteEnd: Set<() => void>
}

const LOST: Fault = { code: 'lost', evidence: 'Connection closed by remote host' }
/** Milliseconds of the spec's keepalives. */
const KEEPALIVE_MS = 10_000
/** Milliseconds of the spec's connect timeout. */
const CONNECT_MS = 10_000

export const connect = (owner: Process): Connection => {
  const { machine, network, host } = stage()
  machine.call()
  const { clock, random } = machine
  const master = machine.spawn('ssh', owner)
  const wire = network.lay()
  let control: ControlSession | undefined
  let pending = ''
  let hasStdin = true

  const endRemote = (): void => {
    for (const end of connection.atRemoteEnd) end()
    connection.atRemoteEnd.clear()
    control?.end()
  }

  /** What the other end makes of the death of this one: nothing, before it hears of it. */
  const hearOfEnd = (): void => {
    const wait =
      network.isSilent() || random.chance(0.1)
        ? network.silentUntil - clock.now() + random.between(0, 30_000)
        : network.latency()
    clock.after(wait, endRemote)
  }

  const connection: Connection = {
    master,
    wire,
    fault: LOST,
    write: (text) => {
      machine.call()
      if (!master.isAlive) return
      if (control === undefined) pending += text
      else send(control, text)
    },
    onText: () => undefined,
    cut: () => {
      if (!master.isAlive) return
      machine.trace.note(clock.now(), 'connection of', master.pid, 'is cut')
      if (random.chance(0.5)) wire.sever()
      clock.after(random.between(0, 50), () => {
        wire.sever()
        machine.kill(master)
      })
    },
    fallSilent: () => {
      clock.after(KEEPALIVE_MS + random.between(0, 5_000), () => {
        if (!master.isAlive || !network.isSilent()) return
        connection.fault = { code: 'silent', evidence: 'Timeout, server not responding.' }
        machine.kill(master)
      })
    },
    atRemoteEnd: new Set(),
  }

  /** The text arrives in one piece or in two. */
  const send = (to: ControlSession, text: string): void => {
    const half = random.chance(0.1) ? random.int(text.length) : 0
    if (half > 0) wire.up(() => to.take(text.slice(0, half)))
    wire.up(() => to.take(text.slice(half)))
  }

  const fail = (fault: Fault, ms: number): void => {
    clock.after(ms, () => {
      connection.fault = fault
      machine.kill(master)
    })
  }

  const reach = (): void => {
    if (!master.isAlive) return
    if (network.refusal !== undefined) {
      const isSlow = network.refusal.code === 'timeout'
      return fail(network.refusal, isSlow ? CONNECT_MS : network.latency())
    }
    if (network.isSilent()) return fail({ code: 'timeout', evidence: 'Connection timed out' }, CONNECT_MS)
    if (host.downUntil > clock.now()) return fail({ code: 'unreachable', evidence: 'No route to host' }, 500)
    const session = startControlSession(host, (line) => {
      const cut = random.chance(0.05) ? random.int(line.length) : 0
      if (cut > 0) wire.down(() => connection.onText(line.slice(0, cut)))
      wire.down(() => connection.onText(`${line.slice(cut)}\n`))
    })
    control = session
    // Its end is the end of the session, and that of the connection.
    session.process.atDeath.add(() =>
      wire.down(() => {
        clock.after(random.between(0, 5), () => machine.kill(master))
      }),
    )
    if (random.chance(0.1)) wire.down(() => connection.onText('Welcome to a remote\n'))
    if (pending !== '') send(session, pending)
    if (!hasStdin) wire.up(() => session.end())
  }

  clock.after(network.latency() * 4, reach)
  master.atDeath.add(() => {
    stage().connections.delete(connection)
    if (control !== undefined) hearOfEnd()
  })
  // A dead chaperone's ssh reads the end of its stdin, says so, and stays as long as the other end has something to say.
  const closeStdin = (): void => {
    hasStdin = false
    const session = control
    if (session !== undefined) wire.up(() => session.end())
  }
  owner.atDeath.add(closeStdin)
  master.atDeath.add(() => {
    owner.atDeath.delete(closeStdin)
  })
  stage().connections.add(connection)
  return connection
}
