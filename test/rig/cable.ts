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
  /** Packets vanish on their way, both ways. Unlike after `unplug`, the kernel takes each for sent, and so waits twice as long before the next try. */
  swallow(): void
  heal(): void
  /** What comes from the other end comes no faster than so many bits a second, as tc(8) says them: `1gbit`. */
  narrow(rate: string): void
  remove(): void
}

/** Of nobody: who gets a packet for it drops it. */
const STRANGER = '02:00:00:00:00:01'

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
  const macOf = (...link: readonly string[]): string =>
    JSON.parse(execFileSync(needProgram('ip'), link, { encoding: 'utf8' }))[0].address
  const [nearMac, farMac] = [macOf('-json', 'link', 'show', here), macOf('-n', name, '-json', 'link', 'show', there)]
  const know = (macOfFar: string, macOfNear: string): void => {
    ip('neighbour', 'replace', far ?? '', 'lladdr', macOfFar, 'dev', here, 'nud', 'permanent')
    inside('neighbour', 'replace', near ?? '', 'lladdr', macOfNear, 'dev', there, 'nud', 'permanent')
  }
  know(farMac, nearMac)
  return {
    prefix: [needProgram('ip'), 'netns', 'exec', name],
    address: far ?? '',
    unplug: () => inside('link', 'set', there, 'down'),
    plugIn: () => {
      inside('link', 'set', there, 'up')
      know(farMac, nearMac)
    },
    swallow: () => know(STRANGER, STRANGER),
    heal: () => know(farMac, nearMac),
    narrow: (rate) => {
      // The bucket holds some of the largest packets that the kernel makes before a card would cut them, 64 KiB.
      const limit = ['rate', rate, 'burst', '256kb', 'latency', '10ms']
      const queue = ['qdisc', 'add', 'dev', there, 'root', 'tbf', ...limit]
      execFileSync(needProgram('tc'), ['-n', name, ...queue])
    },
    remove: () => {
      ip('link', 'delete', here)
      ip('netns', 'delete', name)
    },
  }
}
