/** Is what arrived what was written, and is it safe from a power cut? Asked before the remote's copy is removed. */
import { spawn } from 'node:child_process'
import { closeSync, fdatasync, openSync } from 'node:fs'
import type { Job } from '../domain/job.ts'
import type { JobPaths } from '../spool/layout.ts'
import { readSizes } from './marks.ts'

const STREAMS = ['stdout', 'stderr'] as const

/** @returns the evidence if it is not; else undefined */
export const verifyOutput = async (job: Job, paths: JobPaths): Promise<string | undefined> => {
  const record = job.ending?.record ?? null
  const want = job.ending?.sizes ?? null
  const sizes = readSizes(paths)
  for (const stream of sizes?.runs === undefined ? STREAMS : ([...STREAMS, 'runs'] as const)) {
    const have = sizes?.[stream] ?? 0
    if (want !== null && have !== (want[stream] ?? have))
      return `${stream} has ${have} bytes here, and ${want[stream]} were written`
    const sum = stream === 'runs' ? null : (record?.checksums[stream] ?? null)
    // A launcher of this machine wrote the very file.
    if (sum !== null && have > 0) {
      const own = await checksum(paths[stream])
      if (own !== undefined && own !== sum) return `${stream} has checksum ${own} here, and ${sum} was written`
    }
    await makeDurable(paths[stream])
  }
  return undefined
}

/** POSIX cksum by cksum(1), which is fast and not in this process. undefined: there is no cksum(1) here. */
const checksum = (path: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    const fd = openSync(path, 'r')
    const child = spawn('cksum', [], { stdio: [fd, 'pipe', 'ignore'] })
    closeSync(fd)
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.on('error', () => resolve(undefined))
    child.on('close', () => resolve(/^\d+/.test(said) ? Number.parseInt(said, 10) : undefined))
  })

const makeDurable = (path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const fd = openSync(path, 'r')
    fdatasync(fd, (error) => {
      closeSync(fd)
      if (error) reject(error)
      else resolve()
    })
  })
