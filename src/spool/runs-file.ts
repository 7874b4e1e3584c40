/** Reads a series' file of runs, which grows for as long as the series goes on: never whole into memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { addNote, noRuns, parseRuns, type RunNote, type RunsSummary, summarizeRuns } from './runs.ts'

const BLOCK = 65_536

/** What all runs come to; of a job that is no series, or has no file yet, nothing. @throws ErrnoException when it can't be read */
export const readRuns = (path: string): RunsSummary => {
  let summary = noRuns
  forEachNote(path, (note) => {
    summary = addNote(summary, note)
  })
  return summary
}

/** Calls with each note of the file, in their order. @throws ErrnoException when it can't be read */
const forEachNote = (path: string, take: (note: RunNote) => void): void => {
  withFile(path, (fd) => {
    const block = Buffer.alloc(BLOCK)
    let rest = ''
    for (let read = readSync(fd, block); read > 0; read = readSync(fd, block)) {
      const text = rest + block.toString('latin1', 0, read)
      const whole = text.lastIndexOf('\n') + 1
      for (const note of parseRuns(text.slice(0, whole))) take(note)
      rest = text.slice(whole)
    }
  })
}

/** What the newest lines come to: which run goes on, or was the last. The counts are those of these lines only. */
export const readLastRuns = (path: string): RunsSummary => {
  let summary = noRuns
  withFile(path, (fd) => {
    const block = Buffer.alloc(BLOCK)
    const from = Math.max(0, fstatSync(fd).size - BLOCK)
    const text = block.toString('latin1', 0, readSync(fd, block, { position: from }))
    // The first line is one only where the file begins.
    summary = summarizeRuns(parseRuns(from === 0 ? text : text.slice(text.indexOf('\n') + 1)))
  })
  return summary
}

const withFile = (path: string, use: (fd: number) => void): void => {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  try {
    use(fd)
  } finally {
    closeSync(fd)
  }
}
