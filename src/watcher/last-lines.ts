/** Where a file's last lines begin, found from its end. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const PIECE = 65_536
const NEWLINE = 10

/** The offset at which the last `count` lines begin; a last line without its newline counts. */
export const findLastLines = (path: string, count: number): number => {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    if (count === 0) return size
    const piece = Buffer.allocUnsafe(PIECE)
    let left = count
    // The newline that ends the last line begins none.
    for (let end = size - 1; end > 0; ) {
      const start = Math.max(0, end - PIECE)
      const bytes = readSync(fd, piece, 0, end - start, start)
      for (let at = bytes - 1; at >= 0; at -= 1) {
        if (piece[at] !== NEWLINE) continue
        left -= 1
        if (left === 0) return start + at + 1
      }
      end = start
    }
    return 0
  } finally {
    closeSync(fd)
  }
}
