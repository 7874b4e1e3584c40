/** Which ended jobs said the same: both streams, byte for byte, and the same end. Files are read only where their sizes are the same. */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { readGaps } from '../spool/gaps.ts'
import type { JobPaths } from '../spool/layout.ts'

export interface Said {
  readonly paths: JobPaths
  /** How it ended, in one word: only equal ones are the same. */
  readonly end: string
}

/** In the order of the first of each group. @throws ErrnoException when a file can't be read */
export const groupBySameOutput = async <Job extends Said>(jobs: readonly Job[]): Promise<Job[][]> => {
  const likely = groupBy(jobs, ({ paths, end }) => `${sizeOf(paths.stdout)} ${sizeOf(paths.stderr)} ${end}`)
  const groups: Job[][] = []
  for (const alike of likely) {
    const hashes = new Map<Job, string>()
    if (alike.length > 1) for (const job of alike) hashes.set(job, await hashOf(job.paths))
    // What is not kept of one may have been other bytes. Looked for behind the read: a gap is said before it is made.
    groups.push(...groupBy(alike, (job) => (hasGaps(job) ? job.paths.dir : (hashes.get(job) ?? ''))))
  }
  const place = new Map(jobs.map((job, index) => [job, index]))
  const first = ([job]: Job[]): number => (job === undefined ? 0 : (place.get(job) ?? 0))
  return groups.toSorted((a, b) => first(a) - first(b))
}

const hasGaps = ({ paths }: Said): boolean => Object.keys(readGaps(paths)).length > 0

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): T[][] => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const hashOf = async ({ stdout, stderr }: JobPaths): Promise<string> => {
  const hashes: string[] = []
  for (const path of [stdout, stderr]) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    hashes.push(hash.digest('hex'))
  }
  return hashes.join(' ')
}
