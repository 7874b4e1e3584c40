// Bytes that no compression and no sparse file makes fewer.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { run } from './run.ts'
import type { Bench } from './work.ts'

const BLOCK = 1_000_000

/** @param size a multiple of a megabyte */
export const makeSource = async (path: string, size: number): Promise<void> => {
  const file = createWriteStream(path)
  const block = randomBytes(BLOCK)
  for (let done = 0; done < size; done += BLOCK) {
    // Each block is another one.
    block.writeUInt32LE(done / BLOCK)
    if (!file.write(Buffer.from(block))) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
}

/** @throws when they differ in a byte */
export const expectSame = async (bench: Bench, one: string, other: string): Promise<void> => {
  await run(bench, ['cmp', one, other])
}
