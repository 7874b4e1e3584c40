// A network of its own behind a cable that can be unplugged: packets are then lost, as they are in the world, and nobody is told.
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { needProgram } from './programs.ts'

export interface Cable {
  /** What runs behind this is at the other end. */
  readonly prefix: readonly string[]
  /** The address of the other end. */
  readonly address: string
  unplug(): void
  plugIn(): void
  remove(): void
}

export const layCable = (): Cable => {
  const ip = (...args: readonly string[]): void => void execFileSync(needProgram('ip'), args)
  const number = randomInt(1, 32_768)
  const name = `chap-t-${number}`
  const [here, there] = [`ct${number}a`, `ct${number}b`]
  // 198.18.0.0/15 is for tests of networks, and nobody's. Four addresses for each cable.
  const net = number * 4
  const [near, far] = [1, 2].map((end) => `198.${18 + (net >> 16)}.${(net >> 8) & 255}.${(net & 255) + end}`)
  const inside = (...args: readonly string[]): void => ip('-n', name, ...args)
  ip('netns', 'add', name)
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name)
  ip('address', 'add', `${near}/30`, 'dev', here)
  inside('address', 'add', `${far}/30`, 'dev', there)
  ip('link', 'set', here, 'up')
  inside('link', 'set', there, 'up')
  inside('link', 'set', 'lo', 'up')
  // Who is there stays known: else the kernel itself says after 3 s that nobody answers its ARP, which is no silence.
  const [{ address: mac } = { address: '' }] = JSON.parse(
    execFileSync(needProgram('ip'), ['-n', name, '-json', 'link', 'show', there], { encoding: 'utf8' }),
  ) as { address: string }[]
  ip('neighbour', 'replace', far ?? '', 'lladdr', mac, 'dev', here, 'nud', 'permanent')
  return {
    prefix: [needProgram('ip'), 'netns', 'exec', name],
    address: far ?? '',
    unplug: () => inside('link', 'set', there, 'down'),
    plugIn: () => inside('link', 'set', there, 'up'),
    remove: () => {
      ip('link', 'delete', here)
      ip('netns', 'delete', name)
    },
  }
}
