// What goes wrong: kinds of faults drawn for one seed (a few at a time find more than all at once), then moments for them.
import type { FaultCode } from '../../src/domain/fault.ts'
import { sendSignal } from './remote/supervisor.ts'
import { stage } from './stage.ts'
import type { World } from './world.ts'

type Injure = (world: World) => void

const chaperones = ({ machine }: World) => [...machine.processes.values()].filter(({ name }) => name === 'chaperone')

const during = (world: World, longest: number, begin: () => void, end: () => void): void => {
  begin()
  world.machine.clock.after(world.machine.random.between(0, longest), end)
}

const named = (world: World, name: string): void => {
  const { machine } = world
  const found = [...machine.processes.values()].filter((process) => process.name === name)
  if (found.length > 0) machine.kill(machine.random.pick(found))
}

const CODES: readonly FaultCode[] = [
  'authentication',
  'host_key',
  'refused',
  'unknown_host',
  'unreachable',
  'timeout',
  'busy',
  'no_shell',
  'usage',
]

const KINDS: Readonly<Record<string, Injure>> = {
  'chaperone killed': (world) => named(world, 'chaperone'),
  'chaperone dies at a call': (world) => {
    for (const chaperone of chaperones(world)) chaperone.callsLeft = world.machine.random.int(40)
  },
  'chaperone stopped': (world) => {
    const { machine } = world
    for (const chaperone of chaperones(world)) machine.stop(chaperone, machine.random.between(0, 30_000))
  },
  'power lost': (world) => world.machine.losePower(),
  'power lost at a call': (world) => {
    for (const chaperone of chaperones(world)) {
      chaperone.callsLeft = world.machine.random.int(40)
      chaperone.fault = 'power'
    }
  },
  'ssh killed': (world) => named(world, 'ssh'),
  'a client of ssh killed': (world) => named(world, 'ssh client'),
  'links cut': ({ connections }) => {
    for (const connection of connections) connection.cut()
  },
  silence: (world) => {
    const { machine, network, connections } = world
    network.silentUntil = machine.clock.now() + machine.random.between(0, machine.random.pick([500, 5_000, 30_000]))
    for (const connection of connections) connection.fallSilent()
  },
  refusal: (world) => {
    const { network, machine } = world
    const code = machine.random.pick(CODES)
    network.refusal = { code, evidence: 'as the seed says' }
    world.met.add(code)
    machine.clock.after(machine.random.between(0, 20_000), () => {
      network.refusal = undefined
    })
  },
  'disk full here': (world) => {
    const { machine } = world
    during(
      world,
      10_000,
      () => {
        machine.isFull = true
      },
      () => {
        machine.isFull = false
      },
    )
  },
  'disk full there': (world) => {
    const { host } = world
    during(
      world,
      10_000,
      () => {
        host.isFull = true
      },
      () => {
        host.isFull = false
      },
    )
  },
  'supervisor killed': ({ host }) => {
    for (const process of [...host.processes].filter(({ name }) => name === 'supervisor')) {
      host.truth.supervisorDied = true
      host.kill(process)
    }
  },
  'command killed': ({ host }) => {
    if (host.directory !== undefined) sendSignal(host, host.directory, 'SIGKILL')
  },
  'followers killed': ({ host }) => {
    for (const process of [...host.processes].filter(({ name }) => name.startsWith('follower'))) host.kill(process)
  },
  'remote rebooted': (world) => {
    world.host.reboot(world.machine.random.between(0, 20_000))
    for (const connection of world.connections) connection.cut()
  },
  'directory deleted': ({ host }) => {
    if (host.directory === undefined) return
    host.trace('the directory is deleted')
    host.truth.deletions += 1
    host.removeDirectory()
  },
  'clock jumps': ({ machine }) => machine.clock.jump(machine.random.between(-1, 1) * 36_000_000),
}

/**
 * Draws the kinds for this seed, and when each of them strikes.
 * @param focus the kinds to draw from; empty: all
 * @returns their names
 */
export const planFaults = (horizon: number, focus: readonly string[]): readonly string[] => {
  const world = stage()
  const { clock, random, trace } = world.machine
  const unknown = focus.find((name) => !Object.hasOwn(KINDS, name))
  if (unknown !== undefined) throw new RangeError(`no such fault: ${unknown}`)
  const drawn =
    focus.length > 0 ? focus : Array.from({ length: 1 + random.int(4) }, () => random.pick(Object.keys(KINDS)))
  const count = random.int(8)
  let time = 0
  for (let i = 0; i < count; i += 1) {
    const name = random.pick(drawn)
    // Faults come together, and most of what can go wrong goes wrong at the beginning.
    if (i > 0 && random.chance(0.4)) time += random.between(0, 300)
    else time = random.between(0, random.chance(0.3) ? 1_500 : horizon)
    clock.after(time, () => {
      trace.note(clock.now(), 'FAULT', name)
      KINDS[name]?.(world)
    })
  }
  return drawn
}
