/**
 * A session's stdout by way of node: where rc files print (what comes before the mark is theirs, and is dropped); over hops; and over a
 * shared connection, whose master could go on writing to a file of ours when its client is dead. A pipe is closed at this end.
 */
import { writeSync } from 'node:fs'
import type { Readable } from 'node:stream'

/**
 * Writes to `fd` what `stream` brings after the line `mark` (null: from the start), until it ends.
 * @returns the error by which the file could not be written; null: there was none. Never rejects.
 */
export const pourAfter = async (stream: Readable, mark: string | null, fd: number): Promise<Error | null> => {
  const line = Buffer.from(`\n${mark}\n`)
  let before: Buffer | null = mark === null ? null : Buffer.alloc(0)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (before === null) writeAll(fd, chunk)
      else {
        const all: Buffer = Buffer.concat([before, chunk])
        const at = all.indexOf(line)
        // Noise may be long; of it only what may be the mark's beginning is kept.
        before = at < 0 ? all.subarray(-line.length) : null
        if (at >= 0) writeAll(fd, all.subarray(at + line.length))
      }
    }
    return null
  } catch (error) {
    return error as Error
  }
}

export const writeAll = (fd: number, bytes: Uint8Array): void => {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
}
