// Everything that one seed makes.
import type { Limits } from '../../src/domain/spec.ts'
import type { JobPaths } from '../../src/spool/layout.ts'
import type { Law } from './law.ts'
import type { Machine } from './machine.ts'
import type { Network } from './network.ts'
import type { Host } from './remote/host.ts'

/** A connection, as the faults see it. */
export interface Breakable {
  /** Breaks it: both ends see it soon. */
  readonly cut: () => void
  /** Swallows everything, until ssh's keepalive is not answered for too long. */
  readonly fallSilent: () => void
}

/** How likely a chaperone is to meet its end at one of its system calls. */
export interface Dangers {
  youngDeaths: number
  powerCuts: number
}

export interface World {
  /** The kinds of faults that may happen. */
  kinds: readonly string[]
  readonly dangers: Dangers
  readonly machine: Machine
  readonly network: Network
  readonly host: Host
  readonly law: Law
  readonly connections: Set<Breakable>
  /** Codes of the refusals that links could meet. */
  readonly met: Set<string>
  paths: JobPaths
  limits: Limits
  readonly startChaperone: (dir: string) => void
}
