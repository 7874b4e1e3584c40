/** The end of a file of text. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Whole lines among its last bytes; '' where it can't be read: it is a help, and no more. */
export const readTail = (path: string, bytes: number): string => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return ''
  }
  try {
    const from = Math.max(0, fstatSync(fd).size - bytes)
    const tail = Buffer.alloc(bytes)
    const text = tail.toString('utf8', 0, readSync(fd, tail, 0, bytes, from))
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    closeSync(fd)
  }
}
