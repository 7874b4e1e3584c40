// Many names for the one machine that there is: host001, host002, ...
import { readFileSync, writeFileSync } from 'node:fs'
import type { Bench } from './work.ts'

export interface Hosts {
  /** For -F. */
  readonly config: string
  readonly names: readonly string[]
  /** All of them, as a node set. */
  readonly set: string
}

export const makeHosts = ({ sshd, spool }: Bench, count: number): Hosts => {
  const number = (n: number): string => String(n).padStart(3, '0')
  const names = Array.from({ length: count }, (_, n) => `host${number(n + 1)}`)
  const config = `${spool.root}/ssh_config.${count}`
  writeFileSync(config, readFileSync(sshd.sshConfig, 'utf8').replace(/^Host .*$/m, `Host ${names.join(' ')}`))
  return { config, names, set: `host[001-${number(count)}]` }
}
