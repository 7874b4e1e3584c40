/** Is what arrived what was written, and is it safe from a power cut? Asked before the remote's copy is removed. */
import { spawn } from 'node:child_process'
import { closeSync, fdatasync, openSync, readSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { cksum } from '../domain/cksum.ts'
import { edgeOf } from '../domain/gaps.ts'
import type { Job } from '../domain/job.ts'
import type { Limits } from '../domain/spec.ts'
import type { JobPaths } from '../spool/layout.ts'
import { readSizes } from './marks.ts'

/** Bytes up to which a checksum is made here: to start a process takes 5 ms. */
const SHORT = 4_096

/** Bytes that are read at a time. */
const PIECE = 65_536

const STREAMS = ['stdout', 'stderr'] as const

/** @returns the evidence if it is not; else undefined */
export const verifyOutput = async (job: Job, paths: JobPaths, limits: Limits): Promise<string | undefined> => {
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
    const own = sum === null ? null : ((await checksumOf(paths[stream], have, limits)) ?? sum)
    if (own !== sum) return `${stream} has checksum ${own} here, and ${sum} was written`
    await makeDurable(paths[stream])
  }
  return undefined
}

/** Of its ends alone, where what lies between them need not be kept: neither here nor there, and not the same. */
const checksumOf = (path: string, size: number, { maxOutput, onMaxOutput }: Limits): Promise<number | undefined> => {
  const edge = maxOutput === null || onMaxOutput === 'kill' ? null : edgeOf(maxOutput)
  if (edge === null || size <= 2 * edge) return checksum(path, size)
  return checksumBy('pipe', (stdin) =>
    pipeline(async function* () {
      yield* readBytes(path, 0, edge)
      yield* readBytes(path, size - edge, size)
    }, stdin),
  )
}

function* readBytes(path: string, from: number, to: number): Generator<Uint8Array> {
  const fd = openSync(path, 'r')
  try {
    for (let at = from; at < to; ) {
      const piece = new Uint8Array(Math.min(PIECE, to - at))
      const bytes = readSync(fd, piece, 0, piece.length, at)
      if (bytes === 0) return
      at += bytes
      yield piece.subarray(0, bytes)
    }
  } finally {
    closeSync(fd)
  }
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

const checksumBy = (from: number | 'pipe', feed?: (stdin: Writable) => Promise<void>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const child = spawn('cksum', [], { stdio: [from, 'pipe', 'ignore'] })
    // Without a cksum(1) there is no reader, which is told by its error.
    if (child.stdin !== null)
      feed?.(child.stdin).catch((error: NodeJS.ErrnoException) => error.code === 'EPIPE' || reject(error))
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
