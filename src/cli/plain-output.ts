/** A stream of the process that is a file or a pipe, written to by the system's own call: to make node's stream for it takes 4 ms. */
import { fstatSync, writeSync } from 'node:fs'
import type { Output } from './context.ts'

/**
 * For a command that writes once and ends: it waits in the call, and hears of nothing meanwhile.
 * @param usual what else writes there
 */
export const plainOutput = (fd: number, usual: Output): Output => {
  const stats = fstatSync(fd)
  if (!stats.isFile() && !stats.isFIFO()) return usual
  return { isTerminal: false, columns: 80, write: (chunk) => writeWhole(fd, Buffer.from(chunk), usual) }
}

const writeWhole = async (fd: number, bytes: Buffer, usual: Output): Promise<boolean> => {
  let done = 0
  try {
    while (done < bytes.length) done += writeSync(fd, bytes, done)
    return true
  } catch (error) {
    // Whoever gave it to us does not wait in writes: node's stream can.
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' && usual.write(bytes.subarray(done))
  }
}
