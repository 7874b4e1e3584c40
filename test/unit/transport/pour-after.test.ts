// What follows the mark is written, all of it and nothing else, in whatever pieces it comes.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pourAfter } from '../../../src/transport/pour-after.ts'
import { mountDisk } from '../../rig/disk.ts'
import { testWith } from '../../rig/requires.ts'
import { cleanUp, makeSpool, type Spool } from '../../rig/spool.ts'

const MARK = 'CHAP1 0123456789abcdef stdout'

let spool: Spool
beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

/** What is in the file in the end, and the error that came back. */
const pour = async (stream: Readable, file = `${spool.root}/out`): Promise<{ error: Error | null; bytes: Buffer }> => {
  const fd = openSync(file, 'a')
  const error = await pourAfter(stream, MARK, fd)
  closeSync(fd)
  return { error, bytes: readFileSync(file) }
}

const inPieces = (whole: Buffer, ...at: readonly number[]): Readable => {
  const edges = [0, ...at.toSorted((a, b) => a - b), whole.length]
  return Readable.from(edges.slice(1).map((end, i) => whole.subarray(edges[i], end)))
}

test('the mark at once, and split at each of its bytes', async () => {
  const whole = Buffer.from(`\n${MARK}\nbytes\0\n\n${MARK}\nare bytes`)
  for (let at = 0; at <= whole.length; at += 1) {
    const file = `${spool.root}/${at}`
    const { error, bytes } = await pour(inPieces(whole, at), file)
    expect(error).toBe(null)
    expect(bytes.toString(), `split at ${at}`).toBe(`bytes\0\n\n${MARK}\nare bytes`)
  }
})

test('any noise, any bytes, any pieces', async () => {
  let count = 0
  // Noise may be full of what looks like the mark's beginning.
  const noise = fc.array(fc.oneof(fc.constantFrom('\n', `\n${MARK}`, `${MARK} \n`, MARK.slice(0, 9)), fc.string()))
  await fc.assert(
    fc.asyncProperty(noise, fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(600)), async (words, data, cuts) => {
      const before = words.join('')
      fc.pre(!`${before}\n`.includes(`\n${MARK}\n`))
      const whole = Buffer.concat([Buffer.from(`${before}\n${MARK}\n`), data])
      count += 1
      const pieces = inPieces(whole, ...cuts.map((cut) => Math.min(cut, whole.length)))
      const { error, bytes } = await pour(pieces, `${spool.root}/p${count}`)
      expect(error).toBe(null)
      expect(bytes.equals(Buffer.from(data))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('without the mark nothing is written, however much comes', async () => {
  const noise = Readable.from(Array.from({ length: 500 }, () => Buffer.alloc(10_000, `\n${MARK} `)))
  const { error, bytes } = await pour(noise)
  expect([error, bytes.length]).toEqual([null, 0])
})

test('a stream that breaks comes back as an error, and what was there before it is written', async () => {
  const stream = new PassThrough()
  stream.write(`\n${MARK}\nso far`)
  setImmediate(() => stream.destroy(new Error('cut')))
  const { error, bytes } = await pour(stream)
  expect(error?.message).toBe('cut')
  expect(bytes.toString()).toBe('so far')
})

testWith('linux', 'root')('a full disk comes back as an error, and what is there is a prefix', async () => {
  const disk = mountDisk(`${spool.root}/disk`, 64)
  try {
    const data = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) & 255))
    const whole = Buffer.concat([Buffer.from(`noise\n${MARK}\n`), data])
    const stream = inPieces(whole, 40_000, 80_000, 120_000, 160_000)
    const { error, bytes } = await pour(stream, `${disk.path}/out`)
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
    expect(bytes.length).toBeGreaterThan(30_000)
    expect(bytes.length).toBeLessThan(data.length)
    expect(bytes.equals(data.subarray(0, bytes.length))).toBe(true)
    expect(stream.destroyed).toBe(true)
  } finally {
    disk.release()
  }
})
