/** Where a file's last lines begin, found from its end. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { readGaps } from '../spool/gaps.ts'
import type { Stream } from '../spool/timeline.ts'

const PIECE = 65_536
const NEWLINE = 10

/** The offset at which the last `count` lines begin; a last line without its newline counts. Before a gap in the stream none is looked for. */
export const findLastLines = (path: string, count: number): number => {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    if (count === 0) return size
    const piece = Buffer.allocUnsafe(PIECE)
    let left = count
    // The newline that ends the last line begins none.
    const first = endOfGap(path)
    for (let end = size - 1; end > first; ) {
      const start = Math.max(first, end - PIECE)
      const bytes = readSync(fd, piece, 0, end - start, start)
      for (let at = bytes - 1; at >= 0; at -= 1) {
        if (piece[at] !== NEWLINE) continue
        left -= 1
        if (left === 0) return start + at + 1
      }
      end = start
    }
    return Math.min(first, size)
  } finally {
    closeSync(fd)
  }
}

const endOfGap = (path: string): number =>
  readGaps({ gaps: `${dirname(path)}/gaps` })[basename(path) as Stream]?.to ?? 0
