/** Writes the timeline: when which stream had how many bytes. */
import { appendFileSync, readFileSync, statSync } from 'node:fs'
import type { Sizes } from '../domain/report.ts'
import type { JobPaths } from '../spool/layout.ts'
import { formatMark, type Mark, parseMarks, type Stream } from '../spool/timeline.ts'

/** Bytes now; null: a file was deleted. */
export const readSizes = (paths: JobPaths): Sizes | null => {
  const stdout = statSync(paths.stdout, { throwIfNoEntry: false })
  const stderr = statSync(paths.stderr, { throwIfNoEntry: false })
  if (stdout === undefined || stderr === undefined) return null
  const runs = statSync(paths.runs, { throwIfNoEntry: false })
  return { stdout: stdout.size, stderr: stderr.size, ...(runs === undefined ? {} : { runs: runs.size }) }
}

/**
 * @param onMarks told at each call what has arrived; says whether it has more to do
 * @returns a function that appends what has arrived since its last call, and says whether anything had
 */
export const startMarks = (
  paths: JobPaths,
  now: () => number,
  onMarks: (marks: readonly Mark[]) => boolean = () => false,
): (() => boolean) => {
  const known: Record<Stream, number> = { stdout: 0, stderr: 0 }
  for (const { stream, size } of parseMarks(readFileSync(paths.timeline, 'utf8'))) known[stream] = size
  return () => {
    const marks = (['stdout', 'stderr'] as const).flatMap((stream) => {
      const stats = statSync(paths[stream], { throwIfNoEntry: false })
      if (stats === undefined || stats.size === known[stream]) return []
      known[stream] = stats.size
      // The file knows better than this look when its last byte came.
      return [{ time: Math.min(now(), Math.ceil(stats.mtimeMs)), stream, size: stats.size }]
    })
    marks.sort((a, b) => a.time - b.time)
    const hasMore = onMarks(marks)
    if (marks.length === 0) return hasMore
    try {
      appendFileSync(paths.timeline, marks.map(formatMark).join(''))
    } catch (error) {
      // A help for showing: what the system refuses (a full disk, a deleted file) has its say where it matters.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
    }
    return true
  }
}
