// node:crypto as src/ uses it, out of the seed.
import { here } from '../stage.ts'

export const randomBytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => here().random.int(256)))

export const randomInt = (below: number): number => here().random.int(below)
