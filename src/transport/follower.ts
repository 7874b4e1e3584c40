/** One stream's way home: a remote process that streams a file from an offset, its output opened straight onto the spool's file. */
import type { Sizes } from '../domain/report.ts'
import { quoteWord } from './quote.ts'
import type { Follow, Transport } from './transport.ts'

export interface Source {
  /** The job's directory there. */
  readonly dir: string
  readonly generation: number
  readonly stream: keyof Sizes
}

/** 64 KiB, the blocks in which a launcher without a usable tail(1) skips to an offset. */
const BLOCK = 65_536

/**
 * @param from the spool file's length: there is no second record of the offset
 * @param mark a line to tell the output from what rc files print before it; null: they print nothing
 */
export const startFollower = (
  session: NonNullable<Transport['session']>,
  launcher: (...words: readonly string[]) => string,
  { dir, generation, stream }: Source,
  file: string,
  from: number,
  mark: string | null,
): Follow => {
  // The remote's arithmetic is 32-bit in some shells; ours is not.
  const numbers = [generation, stream, from, from + 1, Math.floor(from / BLOCK), from % BLOCK].map(String)
  const begin = mark === null ? '' : `echo; echo ${quoteWord(mark)}; `
  return session(`${begin}${launcher('follow', dir, ...numbers)}`, { stdin: null, stdout: file, mark })
}
