// Nodes of other versions, which `test/rig/install all` fetches from npm: the packed package is tested with each.
import { fileURLToPath } from 'node:url'
import { isExecutable } from './programs.ts'

export interface OtherNode {
  /** Of the version. */
  readonly major: 20 | 22 | 24 | 26
  /** The directory that the program `node` is in, for a PATH. */
  readonly bin: string
}

export const otherNodes: readonly OtherNode[] = ([20, 22, 24, 26] as const).map((major) => ({
  major,
  bin: fileURLToPath(new URL(`nodes/node_modules/node${major}/bin`, import.meta.url)),
}))

export const haveOtherNodes = (): boolean => otherNodes.every(({ bin }) => isExecutable(`${bin}/node`))
