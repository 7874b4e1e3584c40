/**
 * A file to which several processes append, each batch once: what is to be appended is first written down in a file of the job's own, with
 * how long the shared file is. A chaperone that takes over looks from there on whether it came to it.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Sizes } from '../domain/report.ts'

const NEWLINE = 10

interface Intent {
  /** Behind the last line that is in the batch or was before. */
  readonly offsets: Sizes
  /** The shared file's number and size before. */
  readonly ino: number
  readonly size: number
  readonly batch: Buffer
}

export interface SharedFile {
  /** Behind the last line that is in the file, or is pending. */
  readonly offsets: () => Sizes
  readonly hasPending: () => boolean
  /** For one that has nothing pending. */
  readonly put: (batch: Buffer, offsets: Sizes) => void
  /** @returns the system's words when it can't be written; null: it is. */
  readonly flush: () => string | null
}

/** @param journal a file of the job's own */
export const openSharedFile = (path: string, journal: string): SharedFile => {
  const left = readIntent(journal)
  let offsets = left?.offsets ?? { stdout: 0, stderr: 0 }
  // After a death or a failure the file may end within a line.
  let { rest: pending, isTorn } = left === null ? { rest: Buffer.alloc(0), isTorn: false } : restOf(path, left)
  let isWriting = false
  return {
    offsets: () => offsets,
    hasPending: () => pending.length > 0,
    put: (batch, reached) => {
      pending = Buffer.from(batch)
      offsets = reached
    },
    flush: () => {
      try {
        append(path, (fd, { ino, size }) => {
          if (isTorn && !endsWithNewline(path, size)) pending = Buffer.concat([Buffer.from('\n'), pending])
          isTorn = false
          writeIntent(journal, { offsets, ino, size, batch: pending })
          isWriting = true
          while (pending.length > 0) pending = pending.subarray(writeSync(fd, pending))
          isWriting = false
        })
        return null
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
        // A full disk: some of it may be there.
        const intent = isWriting ? readIntent(journal) : null
        isWriting = false
        if (intent !== null) ({ rest: pending, isTorn } = restOf(path, intent))
        return (error as Error).message
      }
    },
  }
}

/** Opened for each batch: a file that was renamed or removed is made anew. */
const append = (path: string, use: (fd: number, stats: { ino: number; size: number }) => void): void => {
  // A FIFO without a reader must not hold up the chaperone.
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw Object.assign(new Error('it is not a file'), { code: 'EINVAL' })
    use(fd, stats)
  } finally {
    closeSync(fd)
  }
}

const endsWithNewline = (path: string, size: number): boolean => {
  const last = Buffer.from('\n')
  if (size > 0) withFile(path, 'r', (fd) => readSync(fd, last, 0, 1, size - 1))
  return last[0] === NEWLINE
}

const writeIntent = (journal: string, { offsets, ino, size, batch }: Intent): void => {
  const head = Buffer.from(`${JSON.stringify({ ...offsets, ino, size })}\n`)
  writeFileSync(`${journal}.new`, Buffer.concat([head, batch]))
  renameSync(`${journal}.new`, journal)
}

/** null: nothing was ever to be appended. */
const readIntent = (journal: string): Intent | null => {
  let text: Buffer
  try {
    text = readFileSync(journal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const end = text.indexOf(NEWLINE)
  const { stdout, stderr, ino, size } = JSON.parse(text.toString('utf8', 0, end)) as Sizes & {
    ino: number
    size: number
  }
  return { offsets: { stdout, stderr }, ino, size, batch: text.subarray(end + 1) }
}

/** What of the batch did not come to the file; torn: the file ends within a line that can't be gone on with. */
const restOf = (path: string, { ino, size, batch }: Intent): { readonly rest: Buffer; readonly isTorn: boolean } => {
  const found = findByNumber(path, ino)
  const tail = found === undefined ? undefined : readFrom(found, size)
  if (tail === undefined) return { rest: batch, isTorn: true }
  if (tail.includes(batch)) return { rest: Buffer.alloc(0), isTorn: false }
  // Killed within the write, and nobody wrote behind it: it goes on where it was.
  for (let start = 0; start < tail.length && found === path; start = tail.indexOf(NEWLINE, start) + 1) {
    if (batch.subarray(0, tail.length - start).equals(tail.subarray(start)))
      return { rest: batch.subarray(tail.length - start), isTorn: false }
    if (!tail.includes(NEWLINE, start)) break
  }
  // Else the lines of it that are whole stay.
  let kept = 0
  for (let end = batch.indexOf(NEWLINE) + 1; end > 0 && tail.includes(batch.subarray(0, end)); ) {
    kept = end
    end = batch.indexOf(NEWLINE, end) + 1
  }
  return { rest: batch.subarray(kept), isTorn: true }
}

/** A file that was rotated away since then still lies beside the new one. */
const findByNumber = (path: string, ino: number): string | undefined =>
  [path, ...siblingsOf(path)].find((one) => statSync(one, { throwIfNoEntry: false })?.ino === ino)

const siblingsOf = (path: string): string[] => {
  try {
    const name = basename(path)
    return readdirSync(dirname(path))
      .filter((one) => one.startsWith(name))
      .map((one) => join(dirname(path), one))
  } catch {
    return [] // it can't be looked at; the batch is appended again
  }
}

const readFrom = (path: string, from: number): Buffer | undefined =>
  withFile(path, 'r', (fd) => {
    const { size } = fstatSync(fd)
    // It was cut since then: the batch may be anywhere in it.
    const start = size < from ? 0 : from
    const tail = Buffer.alloc(size - start)
    return tail.subarray(0, readSync(fd, tail, 0, tail.length, start))
  })

/** undefined: there is no such file. */
export const withFile = <T>(path: string, flags: string, use: (fd: number) => T): T | undefined => {
  let fd: number
  try {
    fd = openSync(path, flags)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}
