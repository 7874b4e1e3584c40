/** Brings to the launcher what a job's stdin is to get: one piece at a time, each from where the launcher's own file ends. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { Fed } from '../domain/job.ts'
import type { Control } from './control.ts'

/** Bytes. What else is asked of the launcher waits for one piece. */
const PIECE = 65_536
/** Milliseconds until that is offered again which was not taken, mostly for want of space. */
const AGAIN_MS = 1_000

/**
 * @param file the spool's
 * @param isHere the launcher reads that very file, and only has to be told to look
 * @param onFed told what the launcher has, at each answer
 * @returns a function that says what it is to have
 */
export const startFeeding = (
  ask: Control['ask'],
  file: string,
  isHere: boolean,
  onFed: (has: Fed) => void,
): ((wanted: Fed) => void) => {
  let wanted: Fed = { size: 0, eof: false }
  let has: Fed | undefined
  let isBusy = false

  const offer = async (): Promise<Fed> => {
    const { size, eof } = wanted
    if (has?.size === size && eof) return readAnswer(await ask(`eof ${size}`))
    // The first question brings nothing: what an earlier link brought is not known here.
    const piece = has === undefined || isHere ? new Uint8Array() : readPiece(file, has.size, size)
    const at = has?.size ?? 0
    const place = `${Math.floor(at / PIECE)} ${at % PIECE}`
    const told = readAnswer(await ask(`feed ${at} ${piece.length} ${place}`, piece))
    // The file may be longer than what is accepted.
    return isHere ? { ...told, size } : told
  }

  const run = async (): Promise<void> => {
    isBusy = true
    while (has === undefined || has.size < wanted.size || (wanted.eof && !has.eof)) {
      const before = has
      has = await offer()
      onFed(has)
      if (before?.size === has.size && before.eof === has.eof) await pause(AGAIN_MS)
    }
    isBusy = false
  }

  return (all) => {
    wanted = all
    if (!isBusy) void run()
  }
}

const readAnswer = ({ words: [size, eof] }: { readonly words: readonly string[] }): Fed => ({
  size: Number.parseInt(size ?? '', 10) || 0,
  eof: eof === '1',
})

const readPiece = (file: string, from: number, to: number): Uint8Array => {
  const piece = Buffer.alloc(Math.min(PIECE, to - from))
  try {
    const fd = openSync(file, 'r')
    try {
      return piece.subarray(0, readSync(fd, piece, 0, piece.length, from))
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    // Deleted, which the next save says; or no descriptor is left, and it is offered again.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return new Uint8Array()
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
