/** Is what arrived what was written, and is it safe from a power cut? Asked before the remote's copy is removed. */
import { spawn } from 'node:child_process'
import { closeSync, fdatasync, openSync, readSync } from 'node:fs'
import { cksum } from '../domain/cksum.ts'
import type { Job } from '../domain/job.ts'
import type { JobPaths } from '../spool/layout.ts'
import { readSizes } from './marks.ts'

/** Bytes up to which a checksum is made here: to start a process takes 5 ms. */
const SHORT = 4_096

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
    if (have === 0) continue
    const sum = stream === 'runs' ? null : (record?.checksums[stream] ?? null)
    // A launcher of this machine wrote the very file.
    const own = sum === null ? null : ((await checksum(paths[stream], have)) ?? sum)
    if (own !== sum) return `${stream} has checksum ${own} here, and ${sum} was written`
    await makeDurable(paths[stream])
  }
  return undefined
}

/** POSIX cksum; of much by cksum(1), which is fast and not in this process. undefined: there is no cksum(1) here. */
const checksum = async (path: string, size: number): Promise<number | undefined> => {
  const fd = openSync(path, 'r')
  try {
    if (size > SHORT) return await checksumBy(fd)
    const bytes = new Uint8Array(size)
    return cksum(bytes.subarray(0, readSync(fd, bytes, 0, size, 0)))
  } finally {
    closeSync(fd)
  }
}

const checksumBy = (fd: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const child = spawn('cksum', [], { stdio: [fd, 'pipe', 'ignore'] })
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
